"""Execution of BPMN on SpiffWorkflow: the only package that imports it, and the place where its behaviour is extended."""

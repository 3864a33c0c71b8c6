"""The pages that people see: one blueprint a module, thin views over the engine's commands."""

"""All traffic with outside systems: inbound webhooks, their signatures and secrets, and the connectors of service tasks."""

"""All traffic with outside systems."""

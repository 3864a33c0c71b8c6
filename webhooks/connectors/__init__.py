"""What a service task may call, by the name in its `connector` property."""

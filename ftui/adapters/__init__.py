"""Built-in tool adapters. Each registers through the public hooks and imports only public names of ftui."""

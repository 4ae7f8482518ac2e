"""The images, really built, and containers of them that really run."""

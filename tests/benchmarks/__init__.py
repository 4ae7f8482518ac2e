"""What a start costs, side by side with the tools that people would use instead."""

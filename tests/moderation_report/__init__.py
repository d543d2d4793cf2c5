"""What the filter catches and what not, on labelled cases."""

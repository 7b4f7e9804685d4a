"""For tests: assertions, and the plugin that makes pytest items of model files."""

#: The marker of an item whose model file says `slow: true`.
SLOW = "pmmc_slow"

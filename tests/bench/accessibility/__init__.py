"""axe on every page of every role, in every language, light, dark and in forced colours."""

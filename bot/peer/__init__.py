"""The simulated person: inner state, scenario, choice of what to do, choice of words. Plain Python."""

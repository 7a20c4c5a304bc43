"""The long tail: named events with parameters and a natural frequency each."""

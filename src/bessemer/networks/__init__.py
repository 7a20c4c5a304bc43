"""Networks of the works: a shared backbone with a head a task, and their ONNX files."""

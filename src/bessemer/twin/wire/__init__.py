"""The schema of a world in another process, and the Python code that is generated from it.

``world.proto`` is the session with any world, ``driving.proto`` what passes to and from the driving
one. After a change of either, from the root of the repository::

    python -m grpc_tools.protoc -I src --python_out=src --pyi_out=src src/bessemer/twin/wire/*.proto
"""

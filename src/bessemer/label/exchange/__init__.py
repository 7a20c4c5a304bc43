"""Labels out to the tools that people use, and their answers back in: CSV, COCO, CVAT."""

"""Release: the gate that decides, and the signed bundle that ships."""

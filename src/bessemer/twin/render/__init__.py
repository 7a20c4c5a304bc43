"""Light, rays, lenses and sensors: from a scene to pictures."""

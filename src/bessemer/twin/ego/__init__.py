"""How the ego moves: a kinematic bicycle, or four wheels in MuJoCo."""

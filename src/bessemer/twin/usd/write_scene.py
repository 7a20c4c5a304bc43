"""Puts onto a stage what a scene is made of: materials, the ground, bodies.

Shapes: v points, t triangles.
"""

import numpy as np
from jaxtyping import Int32
from pxr import Gf, Sdf, Usd, UsdGeom, UsdShade, Vt

from bessemer.twin.scene import Lamp, Material, Mesh, Scene
from bessemer.twin.usd.attributes import label, put
from bessemer.twin.usd.layout import BODIES, GROUND, MATERIALS, MESH, prim_names


def glow_primvar(material: str) -> str:
    """Return the primvar that says how a material's lamp shines now.

    Args:
        material: The material's prim name.

    Returns:
        The primvar's name.
    """
    return f"glow_{material}"


def put_materials(
    stage: Usd.Stage, materials: tuple[Material, ...]
) -> tuple[UsdShade.Material, ...]:
    """Define a scene's materials.

    Args:
        stage: Where.
        materials: In the scene's order.

    Returns:
        One prim a material.

    Raises:
        InputError: If a name cannot be written.
    """
    UsdGeom.Scope.Define(stage, MATERIALS)
    names = prim_names([material.name for material in materials])
    prims = []
    for material, name in zip(materials, names, strict=True):
        shade = UsdShade.Material.Define(stage, f"{MATERIALS}/{name}")
        _preview(stage, shade, material)
        prim = shade.GetPrim()
        put(prim, "name", "string", material.name)
        put(prim, "semantic", "token", material.semantic.name)
        put(prim, "albedo", "double3", material.albedo)
        put(prim, "emission", "double3", material.emission)
        put(prim, "lamp", "int", int(material.lamp))
        put(prim, "texture", "token", material.texture.name)
        put(prim, "tinted", "bool", material.tinted)
        put(prim, "mirror_frac", "double", material.mirror_frac)
        prims.append(shade)
    return tuple(prims)


def put_ground(
    stage: Usd.Stage, scene: Scene, materials: tuple[UsdShade.Material, ...]
) -> UsdGeom.Mesh:
    """Define all that stands still.

    Args:
        stage: Where.
        scene: Whose ground.
        materials: Prims of its materials.

    Returns:
        The mesh.
    """
    return _put_mesh(stage, GROUND, scene.ground, scene.materials, materials)


def put_bodies(
    stage: Usd.Stage, scene: Scene, materials: tuple[UsdShade.Material, ...]
) -> tuple[str, ...]:
    """Define the shapes that actors share, below a class prim.

    Args:
        stage: Where.
        scene: Whose bodies.
        materials: Prims of its materials.

    Returns:
        Prim name of each body.

    Raises:
        InputError: If a name cannot be written.
    """
    stage.CreateClassPrim(BODIES)
    names = prim_names([body.name for body in scene.bodies])
    for body, name in zip(scene.bodies, names, strict=True):
        path = f"{BODIES}/{name}"
        prim = UsdGeom.Xform.Define(stage, path).GetPrim()
        put(prim, "name", "string", body.name)
        put(prim, "semantic", "token", body.semantic.name)
        put(prim, "size_m", "double3", body.size_m)
        label(prim, body.semantic)
        _put_mesh(stage, f"{path}/{MESH}", body.mesh, scene.materials, materials)
    return names


def _put_mesh(
    stage: Usd.Stage,
    path: str,
    mesh: Mesh,
    records: tuple[Material, ...],
    materials: tuple[UsdShade.Material, ...],
) -> UsdGeom.Mesh:
    made = UsdGeom.Mesh.Define(stage, path)
    points = Vt.Vec3fArray.FromNumpy(np.ascontiguousarray(mesh.points, np.float32))
    made.CreatePointsAttr(points)
    made.CreateFaceVertexCountsAttr(_ints(np.full(len(mesh.triangles), 3, np.int32)))
    made.CreateFaceVertexIndicesAttr(_ints(mesh.triangles.ravel()))
    made.CreateSubdivisionSchemeAttr(UsdGeom.Tokens.none)
    if len(mesh.points):
        made.CreateExtentAttr(UsdGeom.PointBased.ComputeExtent(points))
    used = np.unique(mesh.materials).tolist()
    for k in used:
        prim = materials[k].GetPrim()
        faces = _ints(np.flatnonzero(mesh.materials == k).astype(np.int32))
        subset = UsdGeom.Subset.Define(stage, f"{path}/{prim.GetName()}")
        subset.CreateElementTypeAttr(UsdGeom.Tokens.face)
        subset.CreateFamilyNameAttr(UsdShade.Tokens.materialBind)
        subset.CreateIndicesAttr(faces)
        UsdShade.MaterialBindingAPI.Apply(subset.GetPrim()).Bind(materials[k])
        label(subset.GetPrim(), records[k].semantic)
    if used:
        UsdGeom.Subset.SetFamilyType(made, UsdShade.Tokens.materialBind, UsdGeom.Tokens.partition)
    return made


def _ints(values: Int32[np.ndarray, " n"]) -> Vt.IntArray:
    return Vt.IntArray.FromNumpy(np.ascontiguousarray(values, np.int32))


def _preview(stage: Usd.Stage, shade: UsdShade.Material, material: Material) -> None:
    """Give a material the look that every viewer knows."""
    path = shade.GetPath()
    shader = UsdShade.Shader.Define(stage, path.AppendChild("Surface"))
    shader.CreateIdAttr("UsdPreviewSurface")
    kinds = Sdf.ValueTypeNames
    diffuse = shader.CreateInput("diffuseColor", kinds.Color3f)
    glow = shader.CreateInput("emissiveColor", kinds.Color3f)
    diffuse.Set(Gf.Vec3f(*material.albedo))
    glow.Set(Gf.Vec3f(*(material.emission if material.lamp is Lamp.NONE else (0.0, 0.0, 0.0))))
    # Chosen by eye: glass that mirrors 0.3 is smooth, paint at 0.08 half so, asphalt rough.
    shader.CreateInput("roughness", kinds.Float).Set(0.9 * (1.0 - material.mirror_frac) ** 8)
    shader.CreateInput("metallic", kinds.Float).Set(0.0)
    if material.tinted:
        tint = _primvar_reader(stage, path, "Tint", "displayColor", material.albedo)
        diffuse.ConnectToSource(tint)
    if material.lamp is not Lamp.NONE:
        name = glow_primvar(path.name)
        glow.ConnectToSource(_primvar_reader(stage, path, "Glow", name, (0.0, 0.0, 0.0)))
    surface = shader.CreateOutput("surface", kinds.Token)
    shade.CreateSurfaceOutput().ConnectToSource(surface)


def _primvar_reader(
    stage: Usd.Stage,
    path: Sdf.Path,
    name: str,
    primvar: str,
    fallback: tuple[float, float, float],
) -> UsdShade.Output:
    reader = UsdShade.Shader.Define(stage, path.AppendChild(name))
    reader.CreateIdAttr("UsdPrimvarReader_float3")
    reader.CreateInput("varname", Sdf.ValueTypeNames.String).Set(primvar)
    reader.CreateInput("fallback", Sdf.ValueTypeNames.Float3).Set(Gf.Vec3f(*fallback))
    return reader.CreateOutput("result", Sdf.ValueTypeNames.Float3)

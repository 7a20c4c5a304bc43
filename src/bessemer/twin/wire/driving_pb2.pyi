from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Scenario(_message.Message):
    __slots__ = ("network", "rig", "duration_s", "conditions", "density_frac", "dynamics", "events", "importance")
    NETWORK_FIELD_NUMBER: _ClassVar[int]
    RIG_FIELD_NUMBER: _ClassVar[int]
    DURATION_S_FIELD_NUMBER: _ClassVar[int]
    CONDITIONS_FIELD_NUMBER: _ClassVar[int]
    DENSITY_FRAC_FIELD_NUMBER: _ClassVar[int]
    DYNAMICS_FIELD_NUMBER: _ClassVar[int]
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    IMPORTANCE_FIELD_NUMBER: _ClassVar[int]
    network: str
    rig: Rig
    duration_s: float
    conditions: Conditions
    density_frac: float
    dynamics: str
    events: _containers.RepeatedCompositeFieldContainer[EventCall]
    importance: float
    def __init__(self, network: _Optional[str] = ..., rig: _Optional[_Union[Rig, _Mapping]] = ..., duration_s: _Optional[float] = ..., conditions: _Optional[_Union[Conditions, _Mapping]] = ..., density_frac: _Optional[float] = ..., dynamics: _Optional[str] = ..., events: _Optional[_Iterable[_Union[EventCall, _Mapping]]] = ..., importance: _Optional[float] = ...) -> None: ...

class EventCall(_message.Message):
    __slots__ = ("name", "at_s", "params")
    NAME_FIELD_NUMBER: _ClassVar[int]
    AT_S_FIELD_NUMBER: _ClassVar[int]
    PARAMS_FIELD_NUMBER: _ClassVar[int]
    name: str
    at_s: float
    params: _containers.RepeatedCompositeFieldContainer[Named]
    def __init__(self, name: _Optional[str] = ..., at_s: _Optional[float] = ..., params: _Optional[_Iterable[_Union[Named, _Mapping]]] = ...) -> None: ...

class Named(_message.Message):
    __slots__ = ("name", "value")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    name: str
    value: float
    def __init__(self, name: _Optional[str] = ..., value: _Optional[float] = ...) -> None: ...

class Conditions(_message.Message):
    __slots__ = ("hour", "weather", "intensity_frac", "season", "latitude_deg")
    HOUR_FIELD_NUMBER: _ClassVar[int]
    WEATHER_FIELD_NUMBER: _ClassVar[int]
    INTENSITY_FRAC_FIELD_NUMBER: _ClassVar[int]
    SEASON_FIELD_NUMBER: _ClassVar[int]
    LATITUDE_DEG_FIELD_NUMBER: _ClassVar[int]
    hour: float
    weather: str
    intensity_frac: float
    season: str
    latitude_deg: float
    def __init__(self, hour: _Optional[float] = ..., weather: _Optional[str] = ..., intensity_frac: _Optional[float] = ..., season: _Optional[str] = ..., latitude_deg: _Optional[float] = ...) -> None: ...

class Rig(_message.Message):
    __slots__ = ("name", "cameras", "rate_hz")
    NAME_FIELD_NUMBER: _ClassVar[int]
    CAMERAS_FIELD_NUMBER: _ClassVar[int]
    RATE_HZ_FIELD_NUMBER: _ClassVar[int]
    name: str
    cameras: _containers.RepeatedCompositeFieldContainer[Camera]
    rate_hz: float
    def __init__(self, name: _Optional[str] = ..., cameras: _Optional[_Iterable[_Union[Camera, _Mapping]]] = ..., rate_hz: _Optional[float] = ...) -> None: ...

class Camera(_message.Message):
    __slots__ = ("name", "calibration", "offset_s", "exposure", "noise_frac", "shot_noise_frac", "dirt_frac", "dirt_seed", "glare_frac")
    NAME_FIELD_NUMBER: _ClassVar[int]
    CALIBRATION_FIELD_NUMBER: _ClassVar[int]
    OFFSET_S_FIELD_NUMBER: _ClassVar[int]
    EXPOSURE_FIELD_NUMBER: _ClassVar[int]
    NOISE_FRAC_FIELD_NUMBER: _ClassVar[int]
    SHOT_NOISE_FRAC_FIELD_NUMBER: _ClassVar[int]
    DIRT_FRAC_FIELD_NUMBER: _ClassVar[int]
    DIRT_SEED_FIELD_NUMBER: _ClassVar[int]
    GLARE_FRAC_FIELD_NUMBER: _ClassVar[int]
    name: str
    calibration: Calibration
    offset_s: float
    exposure: float
    noise_frac: float
    shot_noise_frac: float
    dirt_frac: float
    dirt_seed: int
    glare_frac: float
    def __init__(self, name: _Optional[str] = ..., calibration: _Optional[_Union[Calibration, _Mapping]] = ..., offset_s: _Optional[float] = ..., exposure: _Optional[float] = ..., noise_frac: _Optional[float] = ..., shot_noise_frac: _Optional[float] = ..., dirt_frac: _Optional[float] = ..., dirt_seed: _Optional[int] = ..., glare_frac: _Optional[float] = ...) -> None: ...

class Calibration(_message.Message):
    __slots__ = ("model", "width_px", "height_px", "intrinsics", "distortion", "ego_from_camera")
    MODEL_FIELD_NUMBER: _ClassVar[int]
    WIDTH_PX_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_PX_FIELD_NUMBER: _ClassVar[int]
    INTRINSICS_FIELD_NUMBER: _ClassVar[int]
    DISTORTION_FIELD_NUMBER: _ClassVar[int]
    EGO_FROM_CAMERA_FIELD_NUMBER: _ClassVar[int]
    model: str
    width_px: int
    height_px: int
    intrinsics: _containers.RepeatedScalarFieldContainer[float]
    distortion: _containers.RepeatedScalarFieldContainer[float]
    ego_from_camera: _containers.RepeatedScalarFieldContainer[float]
    def __init__(self, model: _Optional[str] = ..., width_px: _Optional[int] = ..., height_px: _Optional[int] = ..., intrinsics: _Optional[_Iterable[float]] = ..., distortion: _Optional[_Iterable[float]] = ..., ego_from_camera: _Optional[_Iterable[float]] = ...) -> None: ...

class Controls(_message.Message):
    __slots__ = ("steer_rad", "accel_mps2", "indicator")
    STEER_RAD_FIELD_NUMBER: _ClassVar[int]
    ACCEL_MPS2_FIELD_NUMBER: _ClassVar[int]
    INDICATOR_FIELD_NUMBER: _ClassVar[int]
    steer_rad: float
    accel_mps2: float
    indicator: str
    def __init__(self, steer_rad: _Optional[float] = ..., accel_mps2: _Optional[float] = ..., indicator: _Optional[str] = ...) -> None: ...

class Observation(_message.Message):
    __slots__ = ("t_ns", "ego", "views", "actors", "conditions", "signals", "events", "collided", "done")
    T_NS_FIELD_NUMBER: _ClassVar[int]
    EGO_FIELD_NUMBER: _ClassVar[int]
    VIEWS_FIELD_NUMBER: _ClassVar[int]
    ACTORS_FIELD_NUMBER: _ClassVar[int]
    CONDITIONS_FIELD_NUMBER: _ClassVar[int]
    SIGNALS_FIELD_NUMBER: _ClassVar[int]
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    COLLIDED_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    t_ns: int
    ego: EgoState
    views: _containers.RepeatedCompositeFieldContainer[View]
    actors: Actors
    conditions: Conditions
    signals: _containers.RepeatedCompositeFieldContainer[Named]
    events: _containers.RepeatedScalarFieldContainer[str]
    collided: bool
    done: bool
    def __init__(self, t_ns: _Optional[int] = ..., ego: _Optional[_Union[EgoState, _Mapping]] = ..., views: _Optional[_Iterable[_Union[View, _Mapping]]] = ..., actors: _Optional[_Union[Actors, _Mapping]] = ..., conditions: _Optional[_Union[Conditions, _Mapping]] = ..., signals: _Optional[_Iterable[_Union[Named, _Mapping]]] = ..., events: _Optional[_Iterable[str]] = ..., collided: _Optional[bool] = ..., done: _Optional[bool] = ...) -> None: ...

class EgoState(_message.Message):
    __slots__ = ("x_m", "y_m", "z_m", "yaw_rad", "pitch_rad", "roll_rad", "speed_mps", "yaw_rate_radps", "accel_mps2", "steer_rad")
    X_M_FIELD_NUMBER: _ClassVar[int]
    Y_M_FIELD_NUMBER: _ClassVar[int]
    Z_M_FIELD_NUMBER: _ClassVar[int]
    YAW_RAD_FIELD_NUMBER: _ClassVar[int]
    PITCH_RAD_FIELD_NUMBER: _ClassVar[int]
    ROLL_RAD_FIELD_NUMBER: _ClassVar[int]
    SPEED_MPS_FIELD_NUMBER: _ClassVar[int]
    YAW_RATE_RADPS_FIELD_NUMBER: _ClassVar[int]
    ACCEL_MPS2_FIELD_NUMBER: _ClassVar[int]
    STEER_RAD_FIELD_NUMBER: _ClassVar[int]
    x_m: float
    y_m: float
    z_m: float
    yaw_rad: float
    pitch_rad: float
    roll_rad: float
    speed_mps: float
    yaw_rate_radps: float
    accel_mps2: float
    steer_rad: float
    def __init__(self, x_m: _Optional[float] = ..., y_m: _Optional[float] = ..., z_m: _Optional[float] = ..., yaw_rad: _Optional[float] = ..., pitch_rad: _Optional[float] = ..., roll_rad: _Optional[float] = ..., speed_mps: _Optional[float] = ..., yaw_rate_radps: _Optional[float] = ..., accel_mps2: _Optional[float] = ..., steer_rad: _Optional[float] = ...) -> None: ...

class View(_message.Message):
    __slots__ = ("camera", "t_ns", "height_px", "width_px", "world_from_camera", "picture", "depth_m", "semantic", "instance", "silhouettes")
    CAMERA_FIELD_NUMBER: _ClassVar[int]
    T_NS_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_PX_FIELD_NUMBER: _ClassVar[int]
    WIDTH_PX_FIELD_NUMBER: _ClassVar[int]
    WORLD_FROM_CAMERA_FIELD_NUMBER: _ClassVar[int]
    PICTURE_FIELD_NUMBER: _ClassVar[int]
    DEPTH_M_FIELD_NUMBER: _ClassVar[int]
    SEMANTIC_FIELD_NUMBER: _ClassVar[int]
    INSTANCE_FIELD_NUMBER: _ClassVar[int]
    SILHOUETTES_FIELD_NUMBER: _ClassVar[int]
    camera: str
    t_ns: int
    height_px: int
    width_px: int
    world_from_camera: bytes
    picture: bytes
    depth_m: bytes
    semantic: bytes
    instance: bytes
    silhouettes: _containers.RepeatedCompositeFieldContainer[Silhouette]
    def __init__(self, camera: _Optional[str] = ..., t_ns: _Optional[int] = ..., height_px: _Optional[int] = ..., width_px: _Optional[int] = ..., world_from_camera: _Optional[bytes] = ..., picture: _Optional[bytes] = ..., depth_m: _Optional[bytes] = ..., semantic: _Optional[bytes] = ..., instance: _Optional[bytes] = ..., silhouettes: _Optional[_Iterable[_Union[Silhouette, _Mapping]]] = ...) -> None: ...

class Silhouette(_message.Message):
    __slots__ = ("instance", "pixels")
    INSTANCE_FIELD_NUMBER: _ClassVar[int]
    PIXELS_FIELD_NUMBER: _ClassVar[int]
    instance: int
    pixels: int
    def __init__(self, instance: _Optional[int] = ..., pixels: _Optional[int] = ...) -> None: ...

class Actors(_message.Message):
    __slots__ = ("count", "body", "instance", "world_from_body", "scale", "tint", "lamps", "velocity_mps")
    COUNT_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    INSTANCE_FIELD_NUMBER: _ClassVar[int]
    WORLD_FROM_BODY_FIELD_NUMBER: _ClassVar[int]
    SCALE_FIELD_NUMBER: _ClassVar[int]
    TINT_FIELD_NUMBER: _ClassVar[int]
    LAMPS_FIELD_NUMBER: _ClassVar[int]
    VELOCITY_MPS_FIELD_NUMBER: _ClassVar[int]
    count: int
    body: bytes
    instance: bytes
    world_from_body: bytes
    scale: bytes
    tint: bytes
    lamps: bytes
    velocity_mps: bytes
    def __init__(self, count: _Optional[int] = ..., body: _Optional[bytes] = ..., instance: _Optional[bytes] = ..., world_from_body: _Optional[bytes] = ..., scale: _Optional[bytes] = ..., tint: _Optional[bytes] = ..., lamps: _Optional[bytes] = ..., velocity_mps: _Optional[bytes] = ...) -> None: ...

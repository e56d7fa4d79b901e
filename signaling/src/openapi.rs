//! The OpenAPI document, made from the handlers' own types.

use utoipa::OpenApi;

use crate::directory::RoomSummary;
use crate::join::{JoinAnswer, JoinRequest, Visibility};
use crate::problem::Problem;
use crate::rungs::{IceServer, Rung, RungsAnswer};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Signaling",
        description = "Admission to a room, before any link"
    ),
    paths(
        crate::router::join,
        crate::router::rungs,
        crate::router::session,
        crate::router::webrtc,
        crate::router::rooms,
        crate::router::healthz,
        crate::router::readyz
    ),
    components(schemas(
        JoinRequest,
        JoinAnswer,
        Visibility,
        Rung,
        IceServer,
        RungsAnswer,
        RoomSummary,
        Problem
    ))
)]
pub(crate) struct Document;

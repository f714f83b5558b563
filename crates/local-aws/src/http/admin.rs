//! `/_local/`: what tests in other processes need to reach, as JSON.
//!
//! `GET calls`, `DELETE calls`, `POST faults`, `POST resource-faults`, `DELETE faults`, `POST tick`,
//! `POST connections/NAME` (makes it available), `GET health`.

use serde_json::json;

use super::message::{Request, Response};
use crate::core::world::World;

pub(crate) fn respond(world: &mut World, request: &Request, path: &str) -> Response {
    match (request.method.as_str(), path.split_once('/').unwrap_or((path, ""))) {
        ("GET", ("health", "")) => answer(200, &json!({"status": "ok"})),
        ("GET", ("calls", "")) => answer(
            200,
            &json!({"total": world.calls.total(), "by_operation": world.calls.by_operation(), "log": world.calls.log()}),
        ),
        ("DELETE", ("calls", "")) => {
            world.calls.clear();
            answer(200, &json!({}))
        }
        ("POST", ("faults", "")) => match serde_json::from_slice(&request.body) {
            Ok(fault) => {
                world.faults.requests.push(fault);
                answer(200, &json!({}))
            }
            Err(error) => answer(400, &json!({"error": error.to_string()})),
        },
        ("POST", ("resource-faults", "")) => match serde_json::from_slice(&request.body) {
            Ok(fault) => {
                world.faults.resources.push(fault);
                answer(200, &json!({}))
            }
            Err(error) => answer(400, &json!({"error": error.to_string()})),
        },
        ("DELETE", ("faults", "")) => {
            world.faults.requests.clear();
            world.faults.resources.clear();
            answer(200, &json!({}))
        }
        ("POST", ("tick", "")) => {
            world.tick();
            answer(200, &json!({}))
        }
        ("POST", ("connections", name)) => {
            world.dirty = true;
            let count = world.state.authorize_connection(name);
            answer(if count == 0 { 404 } else { 200 }, &json!({"authorized": count}))
        }
        _ => answer(404, &json!({"error": "no such thing below /_local/"})),
    }
}

fn answer(status: u16, body: &serde_json::Value) -> Response {
    Response::new(status).header("content-type", "application/json").body(body.to_string().into_bytes())
}

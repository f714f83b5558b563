//! `/_local/`: what tests in other processes need to reach, as JSON.
//!
//! `GET calls`, `DELETE calls`, `POST faults`, `POST resource-faults`, `DELETE faults`, `POST tick`,
//! `POST connections/NAME` (makes it available), `GET health` (which also says what runs containers), `POST task-scripts`
//! (a [`crate::TaskScript`] with `account` and `region`) and `DELETE task-scripts`. [`super::exec`] has `POST exec`.

use serde_json::{Value as Json, json};

use super::message::{Request, Response};
use crate::core::state::State;
use crate::core::world::World;

pub(crate) fn respond(world: &mut World, request: &Request, path: &str) -> Response {
    match (request.method.as_str(), path.split_once('/').unwrap_or((path, ""))) {
        ("GET", ("health", "")) => {
            let containers = match world.containers.about() {
                Ok(engine) => json!({"run": true, "engine": engine}),
                Err(why) => json!({"run": false, "pretended": why}),
            };
            answer(200, &json!({"status": "ok", "containers": containers}))
        }
        ("POST", ("task-scripts", "")) => script(world, &request.body),
        ("DELETE", ("task-scripts", "")) => {
            world.dirty = true;
            for here in world.state.regional.values_mut() {
                here.ecs.scripts.clear();
            }
            answer(200, &json!({}))
        }
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

/// Adds what tasks of an account and region are to do: those of the options if the request names none.
fn script(world: &mut World, body: &[u8]) -> Response {
    let mut asked: Json = serde_json::from_slice(body).unwrap_or_default();
    let mut place = |key: &str| {
        let member = asked.as_object_mut().and_then(|members| members.remove(key));
        member.and_then(|value| value.as_str().map(str::to_owned))
    };
    let (account, region) = (place("account"), place("region"));
    match serde_json::from_value(asked) {
        Ok(script) => {
            let home = world.state.home.clone();
            let home =
                home.unwrap_or_else(|| (world.options.account_id.clone(), world.options.region.clone()));
            let scope = State::scope(&account.unwrap_or(home.0), &region.unwrap_or(home.1));
            world.state.at(&scope).ecs.scripts.push(script);
            world.dirty = true;
            answer(200, &json!({}))
        }
        Err(error) => answer(400, &json!({"error": error.to_string()})),
    }
}

fn answer(status: u16, body: &serde_json::Value) -> Response {
    Response::new(status).header("content-type", "application/json").body(body.to_string().into_bytes())
}

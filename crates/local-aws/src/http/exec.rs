//! `POST /_local/exec`: runs the command of a session that `ecs:ExecuteCommand` has opened, and streams what it writes.
//!
//! The request is JSON: `{"token": TOKEN}`, the `tokenValue` of the session, and with `"stdin": BASE64` what the command is to
//! read. The answer has a line of JSON for each piece of output, `{"stdout": BASE64}` or `{"stderr": BASE64}`, and ends with
//! `{"exit": CODE}`. A token is good for one command. Where nothing runs containers the answer is 409 with the reason.

use std::process::{Command as Plain, Stdio};
use std::sync::Mutex;

use bytes::Bytes;
use serde_json::{Value as Json, json};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::Command;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::guard;
use super::message::{Request, Response};
use crate::core::input::{Input, base64, from_base64};
use crate::core::world::{World, hold};
use crate::services::ecs;

/// Where it is asked for.
pub(super) const PATH: &str = "/_local/exec";
/// The most bytes of a piece of output.
const PIECE: usize = 16 * 1024;

/// The pieces of the answer, or why there are none.
pub(super) fn begin(world: &Mutex<World>, request: &Request) -> Result<Receiver<Bytes>, Response> {
    let mut world = hold(world);
    if !guard::may_arrange(&world, request) {
        return Err(guard::refusal("it lacks the key, as `Authorization: Bearer KEY`"));
    }
    let asked: Json =
        serde_json::from_slice(&request.body).map_err(|error| refused(400, &error.to_string()))?;
    let token = asked.text("token").ok_or_else(|| refused(400, "it names no `token`"))?;
    let command = ecs::session(&mut world, token).map_err(|why| refused(409, &why))?;
    let input = asked.text("stdin").map(|text| from_base64(text).unwrap_or_default());
    let (sender, receiver) = channel(16);
    tokio::spawn(run(command, input, sender));
    Ok(receiver)
}

fn refused(status: u16, why: &str) -> Response {
    let body = json!({"error": why}).to_string().into_bytes();
    Response::new(status).header("content-type", "application/json").body(body)
}

async fn run(command: Plain, input: Option<Vec<u8>>, sender: Sender<Bytes>) {
    let mut command = Command::from(command);
    command.kill_on_drop(true).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() });
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => {
            let said = json!({"stderr": base64(format!("{error}\n").as_bytes())});
            tell(&sender, &said).await;
            tell(&sender, &json!({"exit": 127})).await;
            return;
        }
    };
    if let Some((mut pipe, bytes)) = child.stdin.take().zip(input) {
        tokio::spawn(async move {
            // A command need not read what it is given.
            let _ = pipe.write_all(&bytes).await;
        });
    }
    let out = child.stdout.take().map(|pipe| tokio::spawn(copy(pipe, "stdout", sender.clone())));
    let err = child.stderr.take().map(|pipe| tokio::spawn(copy(pipe, "stderr", sender.clone())));
    for copied in [out, err].into_iter().flatten() {
        let _ = copied.await;
    }
    let code = child.wait().await.ok().and_then(|status| status.code()).unwrap_or(137);
    tell(&sender, &json!({"exit": code})).await;
}

async fn copy(mut pipe: impl AsyncRead + Unpin, name: &'static str, sender: Sender<Bytes>) {
    let mut piece = vec![0; PIECE];
    while let Ok(count) = pipe.read(&mut piece).await {
        if count == 0 || !tell(&sender, &json!({ name: base64(&piece[..count]) })).await {
            return;
        }
    }
}

/// Sends a line; whether anybody still listens.
async fn tell(sender: &Sender<Bytes>, line: &Json) -> bool {
    sender.send(Bytes::from(format!("{line}\n"))).await.is_ok()
}

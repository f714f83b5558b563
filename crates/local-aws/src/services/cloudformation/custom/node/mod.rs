//! Running the functions behind custom resources in Node.js.
//!
//! A function is a process that is only ever at work while a stack takes a step: what it asks AWS for is answered out of the
//! world right then, and its time passes with the steps. When it waits for something, it waits for the next step. Where
//! another process goes on with the stack, the function is invoked once more for the same request, as Lambda may do at any
//! time.

mod asked;
mod function;
mod process;

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::Answer;
use crate::core::caller::Caller;
use crate::core::ids::sha256_hex;
use crate::core::input::Input;
use crate::services::cloudformation::engine::{Change, Phase, Progress, Step, Work};
use crate::services::cloudformation::model::Resource;
use crate::services::logs;
use function::Function;
use process::{Message, Process};

/// Types whose functions ask for nothing that is not there.
const RUN: [&str; 10] = [
    "Custom::BucketCleanerFunction",
    "Custom::CertificateReplicatorFunction",
    "Custom::CertificateValidationFunction",
    "Custom::CustomDomainFunction",
    "Custom::DNSDelegationFunction",
    "Custom::DynamicDesiredCountFunction",
    "Custom::EnvControllerFunction",
    "Custom::NLBCertValidatorFunction",
    "Custom::NLBCustomDomainFunction",
    "Custom::RulePriorityFunction",
];
/// One more, which asks for nothing at all.
const PURE: &str = "Custom::UniqueJSONValuesFunction";
/// How much time passes for a function with each step.
const STEP_MILLIS: u64 = 5_000;

/// The functions that are being run.
#[derive(Debug, Default)]
pub(crate) struct Invocations {
    running: BTreeMap<String, Invocation>,
    /// Why none can be run.
    unusable: Option<String>,
}

#[derive(Debug)]
struct Invocation {
    /// What it was invoked for.
    request: String,
    stack: String,
    process: Process,
    caller: Caller,
    /// Group and stream of its log.
    log: (String, String),
}

impl Invocations {
    /// Ends the functions of all stacks but these, which nobody waits for any more.
    pub(crate) fn keep(&mut self, busy: &[(String, String)]) {
        self.running.retain(|_, invocation| busy.iter().any(|(_, id)| *id == invocation.stack));
    }
}

/// What a resource's function is invoked for.
pub(super) struct Request<'a> {
    /// `Create`, `Update` or `Delete`.
    pub(super) kind: &'a str,
    pub(super) logical_id: &'a str,
    /// Type of the resource.
    pub(super) resource: &'a str,
    pub(super) physical_id: Option<&'a str>,
    pub(super) properties: &'a Json,
    /// Those before an update.
    pub(super) old: Option<Json>,
}

/// Where a function is.
pub(super) enum Outcome {
    /// It goes on with the next step.
    Running,
    /// It answered.
    Answered(Answer),
    /// It refused, or could not be run to its end.
    Failed(String),
}

/// The request to make or change a resource.
pub(super) fn of_resource<'a>(work: &Work, resource: &'a Resource) -> Request<'a> {
    let steps = &work.operation.steps;
    let changes = matches!(steps.get(&resource.logical_id), Some(Step::Running(Change::Update)));
    let previous = work.operation.previous.as_ref().filter(|_| changes);
    let old = previous.and_then(|previous| previous.resources.get(&resource.logical_id));
    Request {
        kind: if changes { "Update" } else { "Create" },
        logical_id: &resource.logical_id,
        resource: &resource.kind,
        physical_id: resource.physical_id.as_deref().filter(|_| changes),
        properties: &resource.properties,
        old: old.map(|old| old.properties.clone()),
    }
}

/// Goes on with the function of a resource; `None` where it is not to be run, or cannot be.
pub(super) fn run(work: &mut Work, request: &Request) -> Option<Outcome> {
    // A rollback does not wait for functions.
    let waits = work.operation.phase != Phase::RollbackUpdate;
    let known = RUN.contains(&request.resource) || request.resource == PURE;
    // The function for domains of App Runner asks App Runner.
    let here = known && !request.properties.has("CustomDomain");
    if !waits || !here || work.world.invocations.unusable.is_some() {
        return None;
    }
    let program = work.world.options.node.clone()?;
    let id = request_id(work, request);
    let key = format!("{}/{}/{}", work.stack.id, request.logical_id, request.kind);
    let known = work.world.invocations.running.remove(&key).filter(|known| known.request == id);
    let mut invocation = if let Some(mut known) = known {
        known.process.send(&json!({"advance": STEP_MILLIS}));
        known
    } else {
        let function = function::find(work, request.properties)?;
        match begin(work, request, &function, &program, id) {
            Ok(invocation) => invocation,
            Err(reason) => {
                work.world.invocations.unusable = Some(reason);
                return None;
            }
        }
    };
    let outcome = advance(work, request, &mut invocation);
    if matches!(outcome, Outcome::Running) {
        work.world.invocations.running.insert(key, invocation);
    } else if let Some(resource) = work.stack.resources.get_mut(request.logical_id) {
        resource.note = Some(format!("its function ran in Node.js {}", invocation.process.version));
    }
    Some(outcome)
}

/// Why a function was not run.
pub(super) fn why_not(work: &Work) -> String {
    let why = match (&work.world.options.node, &work.world.invocations.unusable) {
        (None, _) => "without Node.js".to_owned(),
        (_, Some(reason)) => reason.clone(),
        _ => "its code is not here, or it needs what is not here".to_owned(),
    };
    format!("its function was not run ({why}): the local AWS did what it does")
}

/// The same for the same request, also in another process: functions tell by it what they have done already.
fn request_id(work: &Work, request: &Request) -> String {
    let begun = work
        .stack
        .events
        .iter()
        .rev()
        .find(|event| event.logical_id == request.logical_id && event.status.ends_with("IN_PROGRESS"));
    let begun = begun.map_or("", |event| event.id.as_str());
    let hash =
        sha256_hex(format!("{}/{}/{}/{begun}", work.stack.id, request.logical_id, request.kind).as_bytes());
    format!("{}-{}-{}-{}-{}", &hash[..8], &hash[8..12], &hash[12..16], &hash[16..20], &hash[20..32])
}

/// Starts a process and tells it what is asked for.
fn begin(
    work: &Work,
    request: &Request,
    function: &Function,
    program: &camino::Utf8Path,
    id: String,
) -> Result<Invocation, String> {
    let mut process = Process::start(program)?;
    let (region, account) = (work.caller.region.as_str(), work.caller.account.as_str());
    let log = (format!("/aws/lambda/{}", function.name), format!("local/{id}"));
    let mut event = json!({
        "RequestType": request.kind, "RequestId": id, "StackId": work.stack.id,
        "LogicalResourceId": request.logical_id, "ResourceType": request.resource,
        "ResourceProperties": function::texts(request.properties),
    });
    if let Some(physical) = request.physical_id {
        event["PhysicalResourceId"] = physical.into();
    }
    if let Some(old) = &request.old {
        event["OldResourceProperties"] = function::texts(old);
    }
    process.send(&json!({"start": {
        "code": function.code, "handler": function.handler, "event": event, "seconds": function.seconds,
        "time": work.world.now(),
        "variables": function.variables(region),
        "context": {
            "functionName": function.name, "awsRequestId": id, "logGroupName": log.0, "logStreamName": log.1,
            "invokedFunctionArn": work.caller.arn("lambda", &format!("function:{}", function.name)),
        },
    }}));
    let caller = function.caller(account, region);
    Ok(Invocation { request: id, stack: work.stack.id.clone(), process, caller, log })
}

/// Answers what the function asks for until it waits, or has answered.
fn advance(work: &mut Work, request: &Request, invocation: &mut Invocation) -> Outcome {
    let scope = invocation.caller.scope();
    loop {
        match invocation.process.next() {
            Message::Idle => return Outcome::Running,
            Message::Log(line) => {
                let (group, stream) = &invocation.log;
                logs::append(work.world, &scope, group, stream, &line);
            }
            Message::Call(call) => {
                let answer = match asked::answer(work.world, &invocation.caller, &call) {
                    Ok(output) => json!({"call": call["call"], "output": output}),
                    Err(error) => json!({"call": call["call"], "error": {
                        "code": error.code, "message": error.message, "status": error.status,
                    }}),
                };
                invocation.process.send(&answer);
            }
            Message::Answer(text) => {
                let answer = serde_json::from_str(&text).unwrap_or_default();
                return answered(work, request, &answer);
            }
            Message::Failed(reason) => return Outcome::Failed(reason),
        }
    }
}

/// What CloudFormation makes of an answer.
fn answered(work: &mut Work, request: &Request, answer: &Json) -> Outcome {
    if answer.text("Status") != Some("SUCCESS") {
        let made = work.stack.resources.get_mut(request.logical_id).filter(|_| request.kind == "Create");
        if let Some(resource) = made {
            // Then a rollback has the function remove what it had made by then.
            resource.physical_id = answer.text("PhysicalResourceId").map(str::to_owned);
        }
        let reason = answer.text("Reason").unwrap_or("the answer of the function is not one");
        return Outcome::Failed(format!(
            "Received response status [FAILED] from custom resource. Message returned: {reason}"
        ));
    }
    let mut made = Answer::of(answer.text("PhysicalResourceId").unwrap_or_default());
    for (name, value) in answer.get("Data").and_then(Json::as_object).into_iter().flatten() {
        made = made.with(name.clone(), value.clone());
    }
    Outcome::Answered(made)
}

impl Outcome {
    /// How far the resource is, apart from its attributes.
    pub(super) fn progress(self) -> Result<Answer, Progress> {
        match self {
            Self::Running => Err(Progress::Running),
            Self::Answered(answer) => Ok(answer),
            Self::Failed(reason) => Err(Progress::Failed(reason)),
        }
    }
}

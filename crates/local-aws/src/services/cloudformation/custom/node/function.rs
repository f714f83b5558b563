//! A Lambda function as a template declares it.

use serde_json::{Value as Json, json};

use crate::core::caller::{Caller, global_arn};
use crate::core::input::{Input, base64};
use crate::services::cloudformation::engine::Work;
use crate::services::cloudformation::template::scalar;
use crate::services::sts;

/// The time that a function has at AWS if it does not say otherwise.
const SECONDS: i64 = 3;

/// A function whose code is here.
pub(super) struct Function {
    pub(super) name: String,
    /// `zip` in Base64, or `text`.
    pub(super) code: Json,
    pub(super) handler: String,
    pub(super) seconds: i64,
    role: Option<String>,
    environment: Json,
}

/// The function that a custom resource names, in its own stack or in another one of the region.
pub(super) fn find(work: &Work, properties: &Json) -> Option<Function> {
    let (_, name) = properties.text("ServiceToken")?.rsplit_once(":function:")?;
    let others = work.world.state.regional.get(&work.caller.scope()).into_iter();
    let resource = std::iter::once(&*work.stack)
        .chain(others.flat_map(|here| here.stacks.live()))
        .flat_map(|stack| stack.resources.values())
        .find(|found| found.kind == "AWS::Lambda::Function" && found.physical_id.as_deref() == Some(name))?;
    let declared = &resource.properties;
    if !declared.text("Runtime").is_some_and(|runtime| runtime.starts_with("nodejs")) {
        return None;
    }
    let role = declared.text("Role").and_then(sts::role_of).map(|(_, role)| role.to_owned());
    Some(Function {
        name: name.to_owned(),
        code: code(work, declared.get("Code")?)?,
        handler: declared.text("Handler").unwrap_or("index.handler").to_owned(),
        seconds: declared.number("Timeout").unwrap_or(SECONDS),
        role,
        environment: declared
            .get("Environment")
            .and_then(|all| all.get("Variables"))
            .cloned()
            .unwrap_or_default(),
    })
}

fn code(work: &Work, declared: &Json) -> Option<Json> {
    if let Some(text) = declared.text("ZipFile") {
        return Some(json!({"text": text}));
    }
    let bucket = work.world.state.buckets.get(declared.text("S3Bucket")?)?;
    let zip = work.world.blobs.get(&bucket.current(declared.text("S3Key")?)?.blob)?;
    Some(json!({"zip": base64(&zip)}))
}

impl Function {
    /// Who it is when it asks AWS for something.
    pub(super) fn caller(&self, account: &str, region: &str) -> Caller {
        let mut caller = Caller::service(account, region, "lambda");
        if let Some(role) = &self.role {
            caller.arn = global_arn("sts", region, account, &format!("assumed-role/{role}/{}", self.name));
            caller.role = Some(role.clone());
        }
        caller
    }

    /// Its environment variables.
    pub(super) fn variables(&self, region: &str) -> Json {
        let mut all = texts(&self.environment).as_object().cloned().unwrap_or_default();
        all.insert("AWS_REGION".into(), region.into());
        all.insert("AWS_LAMBDA_FUNCTION_NAME".into(), self.name.clone().into());
        Json::Object(all)
    }
}

/// Properties as CloudFormation hands them over: every scalar is text.
pub(super) fn texts(value: &Json) -> Json {
    match value {
        Json::Array(items) => items.iter().map(texts).collect(),
        Json::Object(members) => {
            Json::Object(members.iter().map(|(name, value)| (name.clone(), texts(value))).collect())
        }
        other => scalar(other).map_or(Json::Null, Json::String),
    }
}

//! Differences that are meant, each with its line in `docs/differences.md`.
//!
//! A rule looks at one single difference and takes no more than it names: what it takes is counted, the rest shows.

use copilot_cfn::intrinsic::get_att;
use copilot_cfn::{Value, cfn};

use crate::compare::Difference;
use crate::draw::Case;
use crate::ours;

/// Why a difference is meant; none where it is not.
pub(crate) fn reason(case: &Case, difference: &Difference<'_>) -> Option<&'static str> {
    match difference {
        Difference::Unreadable => Some(BROKEN),
        Difference::OnlyCopilotRefuses(said) => only_copilot_refuses(case, said),
        Difference::OnlyWeRefuse { place, message } => only_we_refuse(place, message),
        Difference::Value { place, theirs, ours, .. } => value(case, place, *theirs, *ours),
    }
}

const BROKEN: &str = "Copilot can't read what it has pasted together";
const HTTP_TRUE: &str = "`http: true` sets up no load balancer";

fn only_copilot_refuses(case: &Case, said: &str) -> Option<&'static str> {
    let has = |text: &str| said.contains(text);
    Some(match () {
        () if has("goroutine ") => "Copilot ends in an internal error",
        () if has("unmarshal YAML template") || has("convert stack template") => BROKEN,
        () if has("use aliases that are protected") => "Copilot asks ACM for the names of certificates",
        () if has("without \"alias\"") && case.has_line("http: true") => HTTP_TRUE,
        // Other platforms are refused by us, too.
        () if has("App Runner services can only build on amd64 and x86_64") => {
            "App Runner takes `linux/amd64` and `linux/x86_64`"
        }
        // We look for one, too, where it is read.
        () if has("get connection ARN: cannot find a connectionARN") => {
            "a `connection_name` that nothing reads is not looked up"
        }
        () => return None,
    })
}

fn only_we_refuse(place: &str, message: &str) -> Option<&'static str> {
    let (code, path) = place.split_once(' ')?;
    Some(match code.strip_prefix("copilot::pipeline::")? {
        "missing" | "no_stages" if path == "stages" => "a pipeline has stages",
        "name" if message.starts_with("no stack can be named") => "names are those that AWS takes",
        "policy" if path.ends_with(".PolicyDocument") => "a `PolicyDocument` is a mapping",
        "repository" => "addresses of repositories are those of the provider",
        "duplicate_action" => "actions of a stage have names of their own",
        "unknown_dependency" => "actions depend on actions that exist",
        _ => return None,
    })
}

fn value(case: &Case, place: &str, theirs: Option<&Value>, ours: Option<&Value>) -> Option<&'static str> {
    Some(match (theirs, ours) {
        _ if place == "Parameters.HTTPSEnabled" && case.has_line("http: true") => HTTP_TRUE,
        (Some(theirs), Some(ours)) if place.ends_with("CodeBuild::Project.Properties.Source.BuildSpec") => {
            let is_pasted = pasted(ours.as_str()?)? == theirs.as_str()?;
            return is_pasted.then_some("test commands are quoted where YAML needs it");
        }
        (Some(theirs), Some(ours)) if place.ends_with("Dimensions.[Name=TargetGroup].Value") => {
            let group = |name: &'static str| get_att(name, "TargetGroupFullName");
            let is_own = *theirs == group("TargetGroup") && *ours == group("TargetGroupForImportedALB");
            return is_own.then_some("requests are counted at the service's own target group");
        }
        (Some(theirs), None) if place == "Resources.AWS::IAM::Policy" => {
            let document = theirs.get("Properties")?.get("PolicyDocument")?;
            return (*document == Value::Null).then_some("no policy is made of an empty `PolicyDocument`");
        }
        (Some(theirs), None) if place.ends_with(".RepositoryCredentials") => {
            let is_empty = *theirs == cfn!({ "CredentialsParameter": null });
            return is_empty.then_some("an empty `credentialsParameter` is none");
        }
        _ if case.has_sidecar_named_as_the_workload()
            && (place == "Parameters.ContainerImage"
                || place.contains(".ContainerDefinitions.") && place.ends_with(".Image")) =>
        {
            "a sidecar with the workload's name has an image of its own"
        }
        (Some(theirs), Some(ours)) if theirs != ours && has_become(theirs, ours) => {
            "a text that became a list or a mapping is the text that it is"
        }
        _ => return None,
    })
}

/// Whether both are the same but for texts that Copilot's template holds as what a reader makes of them.
fn has_become(theirs: &Value, ours: &Value) -> bool {
    match (theirs, ours) {
        (Value::List(theirs), Value::List(ours)) => {
            theirs.len() == ours.len()
                && theirs.iter().zip(ours).all(|(theirs, ours)| has_become(theirs, ours))
        }
        (Value::Map(theirs), Value::Map(ours)) => {
            let same_key = |(key, theirs)| ours.get(key).is_some_and(|ours| has_become(theirs, ours));
            theirs.len() == ours.len() && theirs.iter().all(same_key)
        }
        (Value::List(_) | Value::Map(_), Value::String(ours)) => {
            ours::read_text(ours).is_ok_and(|read| read == *theirs)
        }
        _ => theirs == ours,
    }
}

/// The buildspec of test commands with its commands as they were pasted.
fn pasted(buildspec: &str) -> Option<String> {
    let tree = ours::read_text(buildspec).ok()?;
    let commands = tree.at("phases/build/commands")?.as_list()?;
    let (head, items) = buildspec.split_once("commands:\n")?;
    let indent = &items[..items.find('-')?];
    let pasted: Option<Vec<String>> =
        commands.iter().map(|command| Some(format!("{indent}- {}\n", command.scalar_text()?))).collect();
    Some(format!("{head}commands:\n{}", pasted?.concat()))
}

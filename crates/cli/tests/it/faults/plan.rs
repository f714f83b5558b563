//! What goes wrong in a run, made up from its number.

use std::fmt;
use std::time::Duration;

use copilot_local_aws::{Effect, Fault, ResourceAction, ResourceFault};

/// What goes wrong in one run.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) seed: u64,
    pub(super) kind: &'static str,
    /// Whether the pipeline was deployed before, and its manifest has been changed since.
    pub(super) update: bool,
    /// Whether the application's region has its bucket already.
    pub(super) bucket: bool,
    pub(super) faults: Vec<Fault>,
    pub(super) resource: Option<ResourceFault>,
    /// The process is killed when it has made this many calls.
    pub(super) kill_after: Option<usize>,
}

/// Numbers that follow from a seed (`SplitMix64`).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut n = self.0;
        n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (n ^ (n >> 31)) % bound
    }

    fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        let index = self.below(list.len() as u64);
        &list[usize::try_from(index).unwrap()]
    }
}

const KINDS: [&str; 10] = [
    "throttling",
    "500",
    "503",
    "cut connection",
    "cut answer",
    "slow answers",
    "expired token",
    "access denied",
    "resource fails",
    "killed",
];
/// What `deploy` asks for.
const OPERATIONS: [&str; 14] = [
    "cloudformation:CreateChangeSet",
    "cloudformation:DescribeChangeSet",
    "cloudformation:ExecuteChangeSet",
    "cloudformation:DescribeStacks",
    "cloudformation:DescribeStackEvents",
    "cloudformation:DescribeStackResources",
    "cloudformation:ListStackInstances",
    "cloudformation",
    "s3:PutObject",
    "ssm",
    "codestar-connections",
    "codepipeline",
    "tagging",
    "sts",
];
/// Resources of the pipeline's stack.
const RESOURCES: [&str; 5] =
    ["Pipeline", "BuildProject", "BuildProjectRole", "SourceConnection", "PipelineRolePolicy"];

/// What `env deploy` asks for.
const OF_ENVIRONMENTS: [&str; 11] = [
    "cloudformation:CreateChangeSet",
    "cloudformation:DescribeChangeSet",
    "cloudformation:ExecuteChangeSet",
    "cloudformation:DescribeStacks",
    "cloudformation:DescribeStackEvents",
    "cloudformation:GetTemplateSummary",
    "cloudformation",
    "s3:PutObject",
    "s3",
    "ssm",
    "sts",
];
/// Resources that the first deployment of an environment makes.
const SHARED: [&str; 5] =
    ["PublicLoadBalancer", "InternalLoadBalancer", "FileSystem", "FlowLog", "LogResourcePolicy"];
/// Goes wrong only with environments: another service asks for the load balancer at the same time.
pub(super) const SERVICE: &str = "a service comes";

impl Plan {
    /// For `env deploy`.
    pub(super) fn of_environment(seed: u64) -> Self {
        let mut dice = Dice(seed ^ 0xe);
        let kinds = KINDS.len() as u64 + 1;
        let kind = usize::try_from(seed % kinds)
            .map_or(SERVICE, |place| KINDS.get(place).copied().unwrap_or(SERVICE));
        let update = dice.below(2) == 0;
        let mut plan =
            Self { seed, kind, update, bucket: true, faults: Vec::new(), resource: None, kill_after: None };
        match kind {
            "killed" => plan.kill_after = Some(usize::try_from(dice.below(60)).unwrap()),
            "resource fails" => {
                let mut fault = resource(&mut dice, false);
                fault.target = String::from(if update { "FlowLog" } else { *dice.pick::<&str>(&SHARED) });
                plan.resource = Some(fault);
            }
            SERVICE => {}
            _ => {
                let count = 1 + dice.below(2);
                plan.faults = (0..count).map(|_| fault(&mut dice, effect(kind), &OF_ENVIRONMENTS)).collect();
            }
        }
        plan
    }

    pub(super) fn of(seed: u64) -> Self {
        let mut dice = Dice(seed);
        let kind = KINDS[usize::try_from(seed % KINDS.len() as u64).unwrap()];
        let update = dice.below(3) == 0;
        let bucket = update || dice.below(2) == 0;
        let mut plan =
            Self { seed, kind, update, bucket, faults: Vec::new(), resource: None, kill_after: None };
        match kind {
            "killed" => plan.kill_after = Some(usize::try_from(dice.below(45)).unwrap()),
            "resource fails" => plan.resource = Some(resource(&mut dice, update)),
            _ => {
                let count = 1 + dice.below(2);
                plan.faults = (0..count).map(|_| fault(&mut dice, effect(kind), &OPERATIONS)).collect();
            }
        }
        plan
    }
}

fn effect(kind: &str) -> Effect {
    match kind {
        "throttling" => Effect::Throttle,
        "500" => Effect::InternalError,
        "503" => Effect::Unavailable,
        "cut connection" => Effect::CutConnection,
        "cut answer" => Effect::CutAnswer,
        "slow answers" => Effect::Slow(Duration::from_millis(150)),
        "expired token" => Effect::ExpiredToken,
        _ => Effect::AccessDenied,
    }
}

/// A fault that strikes a few times somewhere, or at random everywhere.
fn fault(dice: &mut Dice, effect: Effect, operations: &[&'static str]) -> Fault {
    let fault = Fault::new(effect);
    if dice.below(4) == 0 {
        return fault.per_mille(40 + u32::try_from(dice.below(80)).unwrap());
    }
    let times = u32::try_from(1 + dice.below(3)).unwrap();
    let after = u32::try_from(dice.below(3)).unwrap();
    let operation = dice.pick::<&str>(operations);
    fault.on(operation).after(after).times(times)
}

fn resource(dice: &mut Dice, update: bool) -> ResourceFault {
    ResourceFault {
        // An update changes only the pipeline.
        target: if update { "Pipeline" } else { *dice.pick::<&str>(&RESOURCES) }.to_owned(),
        stack: None,
        action: if update { ResourceAction::Update } else { ResourceAction::Create },
        reason: "Resource handler returned message: \"made to fail\"".to_owned(),
        times: Some(1),
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let start = match (self.update, self.bucket) {
            (true, _) => "update",
            (false, true) => "creation",
            (false, false) => "creation without a bucket",
        };
        write!(f, "{}, {start}", self.kind)?;
        for fault in &self.faults {
            write!(f, ", {fault:?}")?;
        }
        if let Some(resource) = &self.resource {
            write!(f, ", {}", resource.target)?;
        }
        self.kill_after.map_or(Ok(()), |calls| write!(f, ", after {calls} calls"))
    }
}

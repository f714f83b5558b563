use crate::Function;

/// A kind of stack that has custom resources.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stack {
    /// Load Balanced Web Service.
    LoadBalancedWebService,
    /// Backend Service.
    BackendService,
    /// Worker Service.
    WorkerService,
    /// Request-Driven Web Service.
    RequestDrivenWebService,
    /// Static Site.
    StaticSite,
    /// Scheduled Job.
    ScheduledJob,
    /// Environment.
    Environment,
}

/// A Lambda function as a resource of a stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resource {
    /// Logical id of the `AWS::Lambda::Function`.
    pub logical_id: &'static str,
    /// What it runs.
    pub function: Function,
}

impl Resource {
    /// Key of its zip in the application's artifact bucket.
    pub fn key(&self) -> String {
        let folder = self.logical_id.to_ascii_lowercase();
        format!("manual/scripts/custom-resources/{folder}/{}.zip", self.function.content_hash())
    }
}

const fn resource(logical_id: &'static str, function: Function) -> Resource {
    Resource { logical_id, function }
}

const DESIRED_COUNT: Resource = resource("DynamicDesiredCountFunction", Function::DesiredCount);
const ENV_CONTROLLER: Resource = resource("EnvControllerFunction", Function::EnvController);
const RULE_PRIORITY: Resource = resource("RulePriorityFunction", Function::RulePriority);

const LOAD_BALANCED_WEB_SERVICE: &[Resource] = &[
    DESIRED_COUNT,
    ENV_CONTROLLER,
    RULE_PRIORITY,
    resource("NLBCustomDomainFunction", Function::WorkloadCustomDomain),
    resource("NLBCertValidatorFunction", Function::WorkloadCertificate),
];
const BACKEND_SERVICE: &[Resource] = &[DESIRED_COUNT, RULE_PRIORITY, ENV_CONTROLLER];
const WORKER_SERVICE: &[Resource] =
    &[DESIRED_COUNT, resource("BacklogPerTaskCalculatorFunction", Function::BacklogPerTask), ENV_CONTROLLER];
const REQUEST_DRIVEN_WEB_SERVICE: &[Resource] =
    &[ENV_CONTROLLER, resource("CustomDomainFunction", Function::AppRunnerDomain)];
const STATIC_SITE: &[Resource] = &[
    resource("TriggerStateMachineFunction", Function::StateMachineTrigger),
    resource("CertificateValidationFunction", Function::WorkloadCertificate),
    resource("CustomDomainFunction", Function::WorkloadCustomDomain),
];
const SCHEDULED_JOB: &[Resource] = &[ENV_CONTROLLER];
const ENVIRONMENT: &[Resource] = &[
    resource("CertificateValidationFunction", Function::EnvCertificate),
    resource("CustomDomainFunction", Function::EnvCustomDomain),
    resource("DNSDelegationFunction", Function::DnsDelegation),
    resource("CertificateReplicatorFunction", Function::CertificateReplicator),
    resource("BucketCleanerFunction", Function::BucketCleaner),
    resource("UniqueJSONValuesFunction", Function::UniqueJsonValues),
];

impl Stack {
    /// Every kind of stack.
    pub const ALL: [Self; 7] = [
        Self::LoadBalancedWebService,
        Self::BackendService,
        Self::WorkerService,
        Self::RequestDrivenWebService,
        Self::StaticSite,
        Self::ScheduledJob,
        Self::Environment,
    ];

    /// The functions that a stack of this kind may name. Which of them it does depends on its manifest.
    pub const fn functions(self) -> &'static [Resource] {
        match self {
            Self::LoadBalancedWebService => LOAD_BALANCED_WEB_SERVICE,
            Self::BackendService => BACKEND_SERVICE,
            Self::WorkerService => WORKER_SERVICE,
            Self::RequestDrivenWebService => REQUEST_DRIVEN_WEB_SERVICE,
            Self::StaticSite => STATIC_SITE,
            Self::ScheduledJob => SCHEDULED_JOB,
            Self::Environment => ENVIRONMENT,
        }
    }
}

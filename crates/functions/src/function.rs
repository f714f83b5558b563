use std::fmt;
use std::sync::OnceLock;
use std::time::Duration;

use crate::archive;
use crate::sources::{self, File};

/// A Lambda function, by what it does.
///
/// One function may stand behind several logical ids, and one logical id may mean different functions in
/// different stacks: see [`Stack::functions`](crate::Stack::functions).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Function {
    /// Points the domain of a Request-Driven Web Service to it.
    AppRunnerDomain,
    /// Measures the messages of a queue for each running task of a worker, once a minute.
    BacklogPerTask,
    /// Empties a bucket before it is deleted.
    BucketCleaner,
    /// Requests the certificate of an environment in one more region.
    CertificateReplicator,
    /// Keeps the number of tasks that autoscaling has arrived at.
    DesiredCount,
    /// Delegates the subdomain of an environment in the application's account.
    DnsDelegation,
    /// Requests and proves the certificate of an environment.
    EnvCertificate,
    /// Tells the environment's stack which workloads need which of its features.
    EnvController,
    /// Points the aliases of all workloads to the environment's load balancer or distribution.
    EnvCustomDomain,
    /// Finds free priorities for listener rules.
    RulePriority,
    /// Runs the state machine that copies the files of a static site.
    StateMachineTrigger,
    /// Lists the distinct values in a JSON map.
    UniqueJsonValues,
    /// Requests and proves the certificate of a network load balancer or a static site.
    WorkloadCertificate,
    /// Points the aliases of a workload to its network load balancer or distribution.
    WorkloadCustomDomain,
}

impl Function {
    /// Every function, in the order of their names.
    pub const ALL: [Self; 14] = [
        Self::AppRunnerDomain,
        Self::BacklogPerTask,
        Self::BucketCleaner,
        Self::CertificateReplicator,
        Self::DesiredCount,
        Self::DnsDelegation,
        Self::EnvCertificate,
        Self::EnvController,
        Self::EnvCustomDomain,
        Self::RulePriority,
        Self::StateMachineTrigger,
        Self::UniqueJsonValues,
        Self::WorkloadCertificate,
        Self::WorkloadCustomDomain,
    ];

    /// Name in kebab case, which is that of its source.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AppRunnerDomain => "app-runner-domain",
            Self::BacklogPerTask => "backlog-per-task",
            Self::BucketCleaner => "bucket-cleaner",
            Self::CertificateReplicator => "certificate-replicator",
            Self::DesiredCount => "desired-count",
            Self::DnsDelegation => "dns-delegation",
            Self::EnvCertificate => "env-certificate",
            Self::EnvController => "env-controller",
            Self::EnvCustomDomain => "env-custom-domain",
            Self::RulePriority => "rule-priority",
            Self::StateMachineTrigger => "state-machine-trigger",
            Self::UniqueJsonValues => "unique-json-values",
            Self::WorkloadCertificate => "workload-certificate",
            Self::WorkloadCustomDomain => "workload-custom-domain",
        }
    }

    /// Value of the property `Handler`, as the deployed stacks have it.
    pub const fn handler(self) -> &'static str {
        match self {
            Self::CertificateReplicator => "index.certificateReplicateHandler",
            Self::DnsDelegation => "index.domainDelegationHandler",
            Self::EnvCertificate => "index.certificateRequestHandler",
            Self::RulePriority => "index.nextAvailableRulePriorityHandler",
            _ => "index.handler",
        }
    }

    /// Value of the property `Timeout`, as the deployed stacks have it.
    ///
    /// Each function reads from its invocation how long it may run, and answers CloudFormation half a minute
    /// before that is over.
    pub const fn timeout(self) -> Duration {
        Duration::from_secs(match self {
            Self::BacklogPerTask
            | Self::DesiredCount
            | Self::DnsDelegation
            | Self::EnvCustomDomain
            | Self::RulePriority
            | Self::UniqueJsonValues => 600,
            _ => 900,
        })
    }

    /// The files of its zip, in the order of their paths: `index.js` and what that requires of `lib/`.
    pub fn files(self) -> Vec<File> {
        sources::files(self)
    }

    /// SHA-256 of the paths and contents of its files, in lower-case hexadecimal.
    ///
    /// This identifies the function, not the bytes of its zip: another release of the compressor changes those
    /// but not what a deployed function does, and so must not change a template.
    pub fn content_hash(self) -> String {
        static KNOWN: [OnceLock<String>; Function::ALL.len()] =
            [const { OnceLock::new() }; Function::ALL.len()];
        KNOWN[self as usize].get_or_init(|| archive::content_hash(&self.files())).clone()
    }

    /// The zip for the property `Code`: the same bytes on every machine.
    pub fn zip(self) -> Vec<u8> {
        archive::zip(&self.files())
    }
}

impl fmt::Display for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

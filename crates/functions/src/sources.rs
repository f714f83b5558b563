use crate::Function;

/// A file in the zip of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct File {
    /// Path in the zip, with `/` between its parts.
    pub path: &'static str,
    /// Text of the file.
    pub content: &'static str,
}

macro_rules! library {
    ($($constant:ident = $path:literal;)+) => {
        $(const $constant: File = File { path: $path, content: include_str!(concat!("../js/", $path)) };)+
    };
}

library! {
    CERTIFICATES = "lib/certificates.js";
    CLOCK = "lib/clock.js";
    CUSTOM_RESOURCE = "lib/custom-resource.js";
    DOMAINS = "lib/domains.js";
    ROUTE53 = "lib/route53.js";
    RUN = "lib/run.js";
    WORKLOAD_ALIASES = "lib/workload-aliases.js";
}

macro_rules! index {
    ($name:literal) => {
        File { path: "index.js", content: include_str!(concat!("../js/", $name, ".js")) }
    };
}

/// The files of a function, in the order of their paths.
pub(crate) fn files(function: Function) -> Vec<File> {
    let (index, libraries): (File, &[File]) = match function {
        Function::AppRunnerDomain => (index!("app-runner-domain"), &[CUSTOM_RESOURCE, DOMAINS, ROUTE53]),
        Function::BacklogPerTask => (index!("backlog-per-task"), &[]),
        Function::BucketCleaner => (index!("bucket-cleaner"), &[CUSTOM_RESOURCE]),
        Function::CertificateReplicator => {
            (index!("certificate-replicator"), &[CERTIFICATES, CUSTOM_RESOURCE, DOMAINS])
        }
        Function::DesiredCount => (index!("desired-count"), &[CUSTOM_RESOURCE]),
        Function::DnsDelegation => (index!("dns-delegation"), &[CUSTOM_RESOURCE, DOMAINS, ROUTE53]),
        Function::EnvCertificate => {
            (index!("env-certificate"), &[CERTIFICATES, CUSTOM_RESOURCE, DOMAINS, ROUTE53])
        }
        Function::EnvController => (index!("env-controller"), &[CUSTOM_RESOURCE, DOMAINS]),
        Function::EnvCustomDomain => (index!("env-custom-domain"), &[CUSTOM_RESOURCE, DOMAINS, ROUTE53]),
        Function::RulePriority => (index!("rule-priority"), &[CUSTOM_RESOURCE]),
        Function::StateMachineTrigger => (index!("state-machine-trigger"), &[CUSTOM_RESOURCE]),
        Function::UniqueJsonValues => (index!("unique-json-values"), &[CUSTOM_RESOURCE, DOMAINS]),
        Function::WorkloadCertificate => (
            index!("workload-certificate"),
            &[CERTIFICATES, CUSTOM_RESOURCE, DOMAINS, ROUTE53, WORKLOAD_ALIASES],
        ),
        Function::WorkloadCustomDomain => {
            (index!("workload-custom-domain"), &[CUSTOM_RESOURCE, DOMAINS, ROUTE53, WORKLOAD_ALIASES])
        }
    };
    // Time and retries are in every function.
    let mut files: Vec<File> = [index, CLOCK, RUN].into_iter().chain(libraries.iter().copied()).collect();
    files.sort_by_key(|file| file.path);
    files
}

//! The stable codes of problems in the manifests of services and jobs.

use copilot_yaml::Code;

copilot_yaml::codes! { pub static;
    MISSING_KEY = "copilot::workload::missing_key", "a key that is required is missing",
        "The message names the key and what needs it.";
    EXCLUSIVE_KEYS = "copilot::workload::exclusive_keys", "two keys that exclude each other are set",
        "The message names both. Keep one of them, or override the other in the environment that needs it.";
    NO_EFFECT = "copilot::workload::no_effect", "a key that has no effect here",
        "Copilot reads the key and then does nothing with it. It is a warning: what is deployed stays as it is. Delete the \
         key, or write what the help says.";
    UNDEPLOYABLE = "copilot::workload::undeployable", "a stack that CloudFormation refuses",
        "Copilot accepts the manifest and renders a template that CloudFormation can't deploy. It is a warning, because \
         addons and patches may still make it good. Write what the help says.";
    IMAGE_ORIGIN = "copilot::workload::image_origin", "an image has no origin, or two",
        "An image is either built (`build`) or taken from a registry (`location`):\n\n```yaml\nimage:\n  build: api/Dockerfile\n```";
    DEPENDENCY_STATUS = "copilot::workload::dependency_status", "a container waits for a state that does not exist",
        "`depends_on` takes `start`, `complete`, `success` or `healthy`. On a container that the task can't do without \
         (`essential`), only `start` and `healthy` can be waited for, because the task stops when it ends.";
    DEPENDENCY_UNKNOWN = "copilot::workload::dependency_unknown", "a container waits for one that does not exist",
        "`depends_on` names the main container (by the workload's name), a sidecar, or `firelens_log_router` where `logging` \
         adds one.";
    DEPENDENCY_CYCLE = "copilot::workload::dependency_cycle", "containers wait for each other",
        "No container of a circle of `depends_on` could ever start.";
    PLATFORM = "copilot::workload::platform", "an operating system or architecture that can't be run",
        "As a string: `linux/amd64`, `linux/x86_64`, `linux/arm`, `linux/arm64`, `windows/amd64` or `windows/x86_64`. As a mapping \
         with `osfamily` and `architecture`, also `windows_server_2019_core`, `windows_server_2019_full`, \
         `windows_server_2022_core` and `windows_server_2022_full`. App Runner runs only `linux/amd64` (`linux/x86_64`).";
    WINDOWS = "copilot::workload::windows", "something that tasks on Windows can't have",
        "Fargate on Windows has no read-only root file system, no EFS and no Service Connect.";
    WINDOWS_IMAGE = "copilot::workload::windows_image", "an image for Windows that no pipeline can build",
        "Builds of a pipeline run on Linux, so they can't build images for Windows, and `copilot-pipeline build` refuses to. Build \
         and push the image elsewhere, and name it:\n\n```yaml\nimage:\n  location: \
         111122223333.dkr.ecr.eu-west-1.amazonaws.com/shop/api@sha256:...\nplatform: windows/amd64\n```";
    SCALING_KEY = "copilot::workload::scaling_key", "a scaling key that this type of workload can't have",
        "Services behind a load balancer scale on `cpu_percentage`, `memory_percentage`, `requests` and `response_time`; \
         workers on `cpu_percentage`, `memory_percentage` and `queue_delay`; jobs do not scale.";
    SCALING_INCOMPLETE = "copilot::workload::scaling_incomplete", "scaling that lacks a range or a target",
        "Scaling takes a range and at least one target:\n\n```yaml\ncount:\n  range: 1-10\n  cpu_percentage: 70\n```";
    RANGE = "copilot::workload::range", "a range of tasks that is none",
        "`range` is `1-10`, or a mapping with `min` and `max`; neither is negative, and `min` is not above `max`.";
    PERCENTAGE = "copilot::workload::percentage", "a percentage outside 0 to 100",
        "Write a whole number from 0 to 100, without a percent sign.";
    QUEUE_DELAY = "copilot::workload::queue_delay", "a queue delay that can't be kept",
        "`acceptable_latency` and `msg_processing_time` are needed together, neither is 0, and the processing of a message \
         can't take longer than it may wait.";
    NO_LOAD_BALANCER = "copilot::workload::no_load_balancer", "neither `http` nor `nlb`",
        "A load balanced web service needs rules under `http`, or `http: false` together with `nlb`.";
    GRACE_PERIOD = "copilot::workload::grace_period", "a grace period in a wrong place, or two",
        "A service has one grace period. It stands in the health check of the main rule of `http`, or of the main listener \
         of `nlb`.";
    RULE_CONDITIONS = "copilot::workload::rule_conditions", "a rule with too many conditions",
        "A rule of a load balancer holds at most five values, and the path takes one: `alias` and `allowed_source_ips` together \
         hold four at most. Split the rule with `additional_rules`.";
    HTTP_VERSION = "copilot::workload::http_version", "an unknown protocol version",
        "`version` is `grpc`, `http1` or `http2`.";
    CIDR = "copilot::workload::cidr", "something that is not a CIDR block",
        "A block has an address and a length, such as `10.0.0.0/8` or `192.0.2.7/32`.";
    NLB_ALIAS = "copilot::workload::nlb_alias", "an alias that a network load balancer can't have",
        "Records of network load balancers go into the hosted zones that Copilot manages: leave out `hosted_zone`. Wildcards are \
         refused, as Copilot can't render them: write out each name.";
    PORT = "copilot::workload::port", "something that is not a port",
        "A port is a number from 0 to 65535, for some keys with a protocol behind a slash: `443/tls`.";
    PROTOCOL = "copilot::workload::protocol", "a protocol that can't be used here",
        "Listeners of a network load balancer take `tcp`, `udp` and `tls`, sidecars `tcp` and `udp`.";
    PORT_CONFLICT = "copilot::workload::port_conflict", "a port that two containers or two protocols use",
        "The containers of a task share one network: a port belongs to one container and one protocol.";
    HEALTH_CHECK_PORT = "copilot::workload::health_check_port", "a health check on a port that does not speak TCP",
        "Load balancers ask over TCP. Give `healthcheck.port` a port that a container opens with TCP.";
    TARGET_CONTAINER = "copilot::workload::target_container", "a target container that can't be reached",
        "`target_container` is the workload's name, or a sidecar with a `port`.";
    ENV_FILE = "copilot::workload::env_file", "an env file whose name does not end in .env",
        "ECS reads environment files only if their name ends in `.env`.";
    COMMAND_LINE = "copilot::workload::command_line", "a command line with a quote that is not closed",
        "`command` and `entrypoint` as one text are split into words as a shell does, with quotes and backslashes. Write a list \
         to name the words one by one.";
    EMPTY_IMPORT = "copilot::workload::empty_import", "an import without a name",
        "`from_cfn` takes the name of an export of another CloudFormation stack.";
    STORAGE_SIZE = "copilot::workload::storage_size", "a disk that is too small or too large",
        "`storage.ephemeral` is from 20 to 200 GiB.";
    VOLUME_PATH = "copilot::workload::volume_path", "a path with characters that can't be mounted",
        "Paths of volumes hold letters, digits, `-`, `.`, `_` and `/`.";
    MANAGED_VOLUMES = "copilot::workload::managed_volumes", "more than one volume in Copilot's file system",
        "A workload has one directory in the file system that Copilot makes, so only one of its volumes can be there.";
    EFS = "copilot::workload::efs", "settings of a file system that contradict each other",
        "`uid` and `gid` are needed together, are not 0, and are for Copilot's own file system; `id`, `root_dir` and `auth` are for \
         an existing one. With an access point, `root_dir` is empty or `/` and `auth.iam` is not false.";
    PLACEMENT = "copilot::workload::placement", "subnets that can't be chosen",
        "`placement` is `public`, `private`, or a mapping with `subnets`. A request-driven web service takes `private` or \
         `subnets`.";
    CONNECT_ALIAS = "copilot::workload::connect_alias", "a Service Connect name for a service without a port",
        "Only what listens on a port can be reached under a name: set `image.port`, or remove `network.connect.alias`.";
    TOPIC_NAME = "copilot::workload::topic_name", "a name that no topic can have",
        "Names of topics hold letters, digits, `-` and `_`. The ending `.fifo` is added by `fifo: true`.";
    SERVICE_NAME = "copilot::workload::service_name", "a name that no workload can have",
        "Names of workloads start with a lower-case letter and hold lower-case letters, digits and single `-`.";
    FIFO = "copilot::workload::fifo", "settings of a FIFO queue that contradict each other",
        "`high_throughput` sets `deduplication_scope` and `throughput_limit` itself. The scope is `messageGroup` or `queue`, \
         the limit `perMessageGroupId` or `perQueue`; the first limit needs the first scope.";
    ROLLING = "copilot::workload::rolling", "an unknown way to replace tasks",
        "`deployment.rolling` is `default` or `recreate`.";
    TRACING = "copilot::workload::tracing", "an unknown tracing vendor",
        "`observability.tracing` is `awsxray`.";
    TASKDEF_PATH = "copilot::workload::taskdef_path", "a property of the task definition that can't be overridden",
        "Family and container names are what Copilot finds the workload by.";
    CERTIFICATE = "copilot::workload::certificate", "a certificate that CloudFront can't use",
        "CloudFront takes certificates of AWS Certificate Manager in us-east-1, by their ARN, for a domain name under `alias`.";
    SCHEDULE = "copilot::workload::schedule", "a job's schedule is none that EventBridge could run",
        "`on.schedule` takes five fields of cron, a preset, or an expression of EventBridge:\n\n\
         ```yaml\non:\n  schedule: \"0 9 * * MON-FRI\"\n```";
    JOB_TIMEOUT = "copilot::workload::job_timeout", "a timeout that Step Functions can't keep",
        "`timeout` is a span of whole seconds, at least one, such as `90s` or `1h30m`.";
    JOB_RETRIES = "copilot::workload::job_retries", "a negative number of retries",
        "`retries` is 0 or more.";
    EXEC_ENABLES = "copilot::workload::exec_enables", "a mapping under `exec` enables whatever it says",
        "Copilot allows commands inside containers as soon as `exec` is a mapping, even with `enable: false`. What is deployed \
         stays as it is; write `exec: false` to forbid them.";
}

/// Problems that may only be there because another value could not be read.
pub(crate) static ABOUT_ABSENCE: [&Code; 9] = [
    &MISSING_KEY,
    &IMAGE_ORIGIN,
    &DEPENDENCY_UNKNOWN,
    &SCALING_INCOMPLETE,
    &SCALING_KEY,
    &NO_LOAD_BALANCER,
    &TARGET_CONTAINER,
    &CONNECT_ALIAS,
    &NO_EFFECT,
];

//! Values that keys take, by the key's name.

/// Keys that their mapping hardly ever goes without.
pub(super) const REQUIRED: [&str; 14] = [
    "acceptable_latency",
    "architecture",
    "buildspec",
    "max",
    "min",
    "msg_processing_time",
    "osfamily",
    "properties",
    "provider",
    "repository",
    "service",
    "source_volume",
    "stages",
    "value",
];

/// Texts for a key; none where any text is fine.
pub(super) fn texts(key: &str) -> &'static [&'static str] {
    match key {
        "location" | "image" => {
            &["nginx:1", "public.ecr.aws/x/y:2", "a/b", "111122223333.dkr.ecr.us-west-2.amazonaws.com/x:1"]
        }
        "build" | "dockerfile" => &["Dockerfile", "web/Dockerfile", "./a/b/Dockerfile"],
        "port" => &["80", "8080", "443/tls", "53/udp", "8081/tcp", "9000"],
        "path" => &[
            "/",
            "/api",
            "api",
            "/data/x",
            "a.b",
            "/*",
            "ContainerDefinitions[0].Ulimits[-].HardLimit",
            "Cpu",
        ],
        "alias" => &[
            "web.example.com",
            "a.test.app.example.com",
            "example.com",
            "web.example.com, b.example.com",
            "x",
        ],
        "hosted_zone" => &["Z1", "Z0ABC"],
        "target_container" | "targetContainer" => &["web", "a", "b"],
        "alb" => &["front", "inner", "nowhere"],
        "version" => &["grpc", "HTTP1", "http2"],
        "allowed_source_ips" => &["10.0.0.0/8", "192.0.2.1/32", "2001:db8::/32"],
        "platform" => &["linux/arm64", "linux/x86_64", "linux/amd64", "windows/amd64"],
        "osfamily" => &["linux", "windows_server_2022_core", "Linux"],
        "architecture" => &["x86_64", "arm64", "ARM"],
        "range" => &["1-5", "2-10", "0-1"],
        "placement" => &["public", "private"],
        "subnets" => &["subnet-1", "subnet-2"],
        "security_groups" | "groups" => &["sg-1", "sg-2", "sg-1, sg-2"],
        "schedule" => &[
            "@daily",
            "0 9 * * 1-5",
            "rate(1 hour)",
            "none",
            "@every 2h",
            "*/5 * * * *",
            "cron(0 9 ? * 2 *)",
        ],
        "timeout" => &["10s", "1m30s", "90s"],
        "rolling" => &["recreate", "default", "Recreate"],
        "tracing" => &["awsxray"],
        "env_file" => &["x.env", "web/x.env"],
        "depends_on" => &["start", "healthy", "COMPLETE", "success"],
        "source_volume" => &["a", "b", "web"],
        "service" => &["api", "front-end"],
        "deduplication_scope" => &["messageGroup", "queue"],
        "throughput_limit" => &["perQueue", "perMessageGroupId"],
        "certificate" => &["arn:aws:acm:us-east-1:111122223333:certificate/x"],
        "credentials" | "credentialsParameter" => &["arn:aws:secretsmanager:us-west-2:111122223333:secret:x"],
        "id" => &["fs-1", "fs-0123"],
        "root_dir" => &["/", "/data"],
        "access_point_id" => &["fsap-1"],
        "source" => &["site", "site/index.html"],
        "success_codes" => &["200", "200,301", "200-299"],
        "repository" => &[
            "https://github.com/acme/shop",
            "https://github.com/acme/shop.git",
            "https://bitbucket.org/acme/shop",
            "https://us-west-2.console.aws.amazon.com/codesuite/codecommit/repositories/shop/browse",
        ],
        "branch" => &["main", "feature/x", "@x", "1.0", "yes"],
        "connection_name" => &["a"],
        "connection_arn" => &["arn:aws:codestar-connections:us-west-2:111122223333:connection/1"],
        "access_token_secret" => &["github-token", "x"],
        "buildspec" => &["buildspec.yml", "copilot/x.yml", "a b.yml"],
        "name" => &["test", "prod", "orders", "a_b"],
        "test_commands" => {
            &["make test", "echo 'a: b'", "echo \"x\"", "true", "npm run e2e # all", "a\nb", "- x"]
        }
        _ => &[],
    }
}

/// Texts for a key of an environment's manifest.
pub(super) fn of_environment(key: &str) -> &'static [&'static str] {
    match key {
        "id" => &["subnet-1", "subnet-2", "subnet-3"],
        "cidr" => &["10.1.0.0/24", "10.1.1.0/24", "10.1.2.0/24"],
        "az" => &["us-west-2b", "us-west-2a"],
        "ports" => &["80", "8000-8080", "0-65535"],
        "ip_protocol" => &["tcp", "udp", "-1", "6", "icmp"],
        "certificates" => &[
            "arn:aws:acm:us-west-2:111122223333:certificate/1",
            "arn:aws:acm:us-west-2:111122223333:certificate/2",
        ],
        "certificate" => &["arn:aws:acm:us-east-1:111122223333:certificate/x"],
        "bucket_name" => &["logs", "${COPILOT_APPLICATION_NAME}-logs"],
        "prefix" => &["test", "a/b", "yes"],
        "ssl_policy" => &["ELBSecurityPolicy-TLS13-1-2-2021-06", "ELBSecurityPolicy-2016-08"],
        "source_ips" => &["10.0.0.0/8", "192.0.2.1/32", "2001:db8::/32"],
        "subnets" => &["subnet-1", "subnet-2"],
        "location" => &["files.s3.us-west-2.amazonaws.com"],
        "alias" => &["files.example.com", "a.test.app.example.com"],
        "path" => &["static/*", "/*"],
        _ => &[],
    }
}

/// Numbers for a key, as they are written; none where any number is fine.
pub(super) fn numbers(key: &str) -> &'static [&'static str] {
    match key {
        "port" | "target_port" => &["80", "8080", "443", "8081", "9000", "53"],
        "count" | "spot" | "min" | "spot_from" => &["1", "2", "3", "0"],
        "max" => &["5", "10"],
        "cpu_percentage" | "memory_percentage" | "value" | "requests" => &["70", "50", "0", "100"],
        "ephemeral" => &["20", "100", "200"],
        "retention" => &["1", "30", "365"],
        "cpu" => &["256", "512", "1024"],
        "memory" => &["512", "2048"],
        "retries" => &["0", "1", "3", "10"],
        _ => &[],
    }
}

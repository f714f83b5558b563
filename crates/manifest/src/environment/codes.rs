//! The stable codes of problems in the manifests of environments.

copilot_yaml::codes! { pub static;
    MISSING_KEY = "copilot::environment::missing_key", "a key that is required is missing",
        "The message names the key and what needs it.";
    EXCLUSIVE_KEYS = "copilot::environment::exclusive_keys", "two keys that exclude each other are set",
        "The message names both. Keep one of them.";
    VPC = "copilot::environment::vpc", "a VPC that can't be made or used",
        "A VPC is either imported, with `id` and the ids of at least two subnets of a kind, or made by Copilot, with `cidr` and \
         subnets in at least two availability zones, each with one public and one private subnet.";
    PORTS = "copilot::environment::ports", "something that is neither a port nor a range of ports",
        "Write a number, or a range such as `8000-8080`.";
    CERTIFICATE = "copilot::environment::certificate", "a certificate that can't be used",
        "Certificates are named by their ARN. CloudFront takes only those in us-east-1.";
    CIDR = "copilot::environment::cidr", "something that is not a CIDR block",
        "A block has an address and a length, such as `10.0.0.0/8`.";
    INGRESS = "copilot::environment::ingress", "a restriction that the load balancer can't have",
        "A public load balancer is always reached from the VPC, and can be restricted to CloudFront and to CIDR blocks under \
         `http.public.ingress`. An internal one can be opened to the VPC under `http.private.ingress.vpc`.";
    CDN = "copilot::environment::cdn", "settings of CloudFront that contradict those of the load balancer",
        "To restrict the load balancer to CloudFront, `cdn` has to be on. With certificates of your own on the load balancer, \
         CloudFront needs one too; with one on CloudFront alone, it has to terminate TLS.";
    SUBNETS = "copilot::environment::subnets", "subnets of the internal load balancer that are not imported",
        "`http.private.subnets` names subnets of an imported VPC (`network.vpc`).";
    FLOW_LOGS = "copilot::environment::flow_logs", "a log of the VPC's traffic that is not as it was meant",
        "Any value of `flow_logs` switches the log on, `false` too; only without the key there is none. CloudWatch Logs keeps \
         it for one of certain numbers of days, such as 1, 7, 14, 30, 90 or 365:\n\n\
         ```yaml\nnetwork:\n  vpc:\n    flow_logs:\n      retention: 30\n```";
    NAME = "copilot::environment::name", "the names of an environment's roles would be too long",
        "Names of IAM roles have 64 characters at most. The roles of an environment are called `APP-ENV-CFNExecutionRole` and \
         `APP-ENV-EnvManagerRole`, so the names of application and environment have 46 characters together at most.";
    TYPE = "copilot::environment::type", "the manifest is not that of an environment",
        "The `type` of an environment's manifest is `Environment`.";
}

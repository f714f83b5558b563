//! Properties of the types that are more than accepted: which there are, which are needed, which cannot be changed.

use serde_json::Value as Json;

/// The properties of a type.
struct Specification {
    kind: &'static str,
    required: &'static [&'static str],
    /// Changing one of these makes a new resource.
    fixed: &'static [&'static str],
    /// All others.
    other: &'static [&'static str],
}

/// Types whose properties are all known.
const KNOWN: [Specification; 11] = [
    Specification {
        kind: "AWS::SSM::Parameter",
        required: &["Type", "Value"],
        fixed: &["Name"],
        other: &["AllowedPattern", "DataType", "Description", "Policies", "Tags", "Tier"],
    },
    Specification {
        kind: "AWS::IAM::Role",
        required: &["AssumeRolePolicyDocument"],
        fixed: &["RoleName", "Path"],
        other: &[
            "Description",
            "ManagedPolicyArns",
            "MaxSessionDuration",
            "PermissionsBoundary",
            "Policies",
            "Tags",
        ],
    },
    Specification {
        kind: "AWS::IAM::Policy",
        required: &["PolicyDocument", "PolicyName"],
        fixed: &[],
        other: &["Groups", "Roles", "Users"],
    },
    Specification {
        kind: "AWS::IAM::ManagedPolicy",
        required: &["PolicyDocument"],
        fixed: &["ManagedPolicyName", "Path", "Description"],
        other: &["Groups", "Roles", "Users"],
    },
    Specification {
        kind: "AWS::ECR::Repository",
        required: &[],
        fixed: &["RepositoryName", "EncryptionConfiguration"],
        other: &[
            "EmptyOnDelete",
            "ImageScanningConfiguration",
            "ImageTagMutability",
            "ImageTagMutabilityExclusionFilters",
            "LifecyclePolicy",
            "RepositoryPolicyText",
            "Tags",
        ],
    },
    Specification {
        kind: "AWS::KMS::Key",
        required: &[],
        fixed: &["KeySpec", "MultiRegion", "Origin"],
        other: &[
            "BypassPolicyLockoutSafetyCheck",
            "Description",
            "EnableKeyRotation",
            "Enabled",
            "KeyPolicy",
            "KeyUsage",
            "PendingWindowInDays",
            "RotationPeriodInDays",
            "Tags",
        ],
    },
    Specification {
        kind: "AWS::S3::BucketPolicy",
        required: &["Bucket", "PolicyDocument"],
        fixed: &["Bucket"],
        other: &[],
    },
    Specification {
        kind: "AWS::CodeBuild::Project",
        required: &["Artifacts", "Environment", "ServiceRole", "Source"],
        fixed: &["Name"],
        other: &[
            "AutoRetryLimit",
            "BadgeEnabled",
            "BuildBatchConfig",
            "Cache",
            "ConcurrentBuildLimit",
            "Description",
            "EncryptionKey",
            "FileSystemLocations",
            "LogsConfig",
            "QueuedTimeoutInMinutes",
            "ResourceAccessRole",
            "SecondaryArtifacts",
            "SecondarySourceVersions",
            "SecondarySources",
            "SourceVersion",
            "Tags",
            "TimeoutInMinutes",
            "Triggers",
            "Visibility",
            "VpcConfig",
        ],
    },
    Specification {
        kind: "AWS::CodePipeline::Pipeline",
        required: &["RoleArn", "Stages"],
        fixed: &["Name"],
        other: &[
            "ArtifactStore",
            "ArtifactStores",
            "DisableInboundStageTransitions",
            "ExecutionMode",
            "PipelineType",
            "RestartExecutionOnUpdate",
            "Tags",
            "Triggers",
            "Variables",
        ],
    },
    Specification {
        kind: "AWS::CodeStarConnections::Connection",
        required: &["ConnectionName"],
        fixed: &["ConnectionName", "ProviderType", "HostArn"],
        other: &["Tags"],
    },
    Specification {
        kind: "AWS::CodeConnections::Connection",
        required: &["ConnectionName"],
        fixed: &["ConnectionName", "ProviderType", "HostArn"],
        other: &["Tags"],
    },
];

/// Properties of further types whose change makes a new resource.
const FIXED: &[(&str, &[&str])] = &[
    ("AWS::S3::Bucket", &["BucketName"]),
    ("AWS::SecretsManager::Secret", &["Name"]),
    ("AWS::SNS::Topic", &["TopicName", "FifoTopic"]),
    ("AWS::SQS::Queue", &["QueueName", "FifoQueue"]),
    ("AWS::Logs::LogGroup", &["LogGroupName"]),
    ("AWS::ECS::Cluster", &["ClusterName"]),
    (
        "AWS::ECS::TaskDefinition",
        &[
            "ContainerDefinitions",
            "Cpu",
            "EnableFaultInjection",
            "EphemeralStorage",
            "ExecutionRoleArn",
            "Family",
            "IpcMode",
            "Memory",
            "NetworkMode",
            "PidMode",
            "PlacementConstraints",
            "ProxyConfiguration",
            "RequiresCompatibilities",
            "RuntimePlatform",
            "TaskRoleArn",
            "Volumes",
        ],
    ),
    ("AWS::ECS::Service", &["ServiceName", "Cluster", "LaunchType", "SchedulingStrategy"]),
    ("AWS::Lambda::Function", &["FunctionName", "PackageType"]),
    ("AWS::EC2::VPC", &["CidrBlock"]),
    ("AWS::EC2::NatGateway", &["SubnetId", "AllocationId", "ConnectivityType"]),
    ("AWS::EC2::Route", &["RouteTableId", "DestinationCidrBlock"]),
    ("AWS::EC2::RouteTable", &["VpcId"]),
    ("AWS::EC2::SubnetRouteTableAssociation", &["SubnetId"]),
    ("AWS::EC2::VPCEndpoint", &["ServiceName", "VpcEndpointType", "VpcId"]),
    (
        "AWS::EC2::FlowLog",
        &["ResourceId", "ResourceType", "TrafficType", "LogGroupName", "LogDestination", "LogFormat"],
    ),
    (
        "AWS::EC2::SecurityGroupIngress",
        &[
            "GroupId",
            "IpProtocol",
            "FromPort",
            "ToPort",
            "CidrIp",
            "SourceSecurityGroupId",
            "SourcePrefixListId",
        ],
    ),
    ("AWS::EFS::FileSystem", &["Encrypted", "KmsKeyId", "PerformanceMode"]),
    ("AWS::EFS::MountTarget", &["FileSystemId", "SubnetId"]),
    ("AWS::ElasticLoadBalancingV2::Listener", &["LoadBalancerArn"]),
    ("AWS::ElasticLoadBalancingV2::ListenerRule", &["ListenerArn"]),
    ("AWS::Route53::HostedZone", &["Name"]),
    ("AWS::ServiceDiscovery::PrivateDnsNamespace", &["Name", "Vpc"]),
    ("AWS::EC2::SecurityGroup", &["GroupName", "GroupDescription", "VpcId"]),
    ("AWS::EC2::Subnet", &["VpcId", "CidrBlock", "AvailabilityZone"]),
    ("AWS::ElasticLoadBalancingV2::LoadBalancer", &["Name", "Scheme", "Type"]),
    ("AWS::ElasticLoadBalancingV2::TargetGroup", &["Name", "Port", "Protocol", "TargetType", "VpcId"]),
    ("AWS::ServiceDiscovery::Service", &["Name", "NamespaceId"]),
    ("AWS::DynamoDB::Table", &["TableName", "KeySchema"]),
];

/// Refuses properties that a type does not have, and the lack of those that it must have.
pub(super) fn check(kind: &str, properties: &Json) -> Result<(), String> {
    let Some(known) = KNOWN.iter().find(|known| known.kind == kind) else { return Ok(()) };
    let has = |list: &[&str], name: &str| list.contains(&name);
    for name in properties.as_object().into_iter().flat_map(|members| members.keys()) {
        if !has(known.required, name) && !has(known.fixed, name) && !has(known.other, name) {
            return Err(format!(
                "Properties validation failed for resource with message: #: extraneous key [{name}] is not permitted"
            ));
        }
    }
    for name in known.required {
        if properties.get(name).is_none_or(Json::is_null) {
            return Err(format!(
                "Properties validation failed for resource with message: #: required key [{name}] not found"
            ));
        }
    }
    Ok(())
}

/// The properties whose change makes a new resource instead of changing the old one.
pub(crate) fn replaced_by(kind: &str) -> &'static [&'static str] {
    let fixed = KNOWN.iter().find(|known| known.kind == kind).map(|known| known.fixed);
    fixed
        .or_else(|| FIXED.iter().find(|(name, _)| *name == kind).map(|(_, fixed)| *fixed))
        .unwrap_or_default()
}

//! The stable codes of this crate's diagnostics.

copilot_yaml::codes! { pub static;
    FACTS_MISSING = "copilot::facts::missing", "a facts file lacks a key without which nothing can be rendered",
        "The message names the key. `copilot-pipeline facts` writes a complete file from what AWS knows:\n\n\
         ```yaml\napplication:\n  name: shop\n  account_id: '111122223333'\n```";

    FACTS_NAME = "copilot::facts::name", "a name in a facts file is none",
        "The names of applications, environments and pipelines take letters, digits and hyphens. `copilot-pipeline facts` writes \
         them as AWS knows them.";

    WORKLOAD_TASKDEF_OVERRIDE = "copilot::workload::taskdef-override", "a task definition override leads nowhere",
        "The path starts below `Properties` of the task definition; `[0]` is an item that is there, `[-]` a new one:\n\n\
         ```yaml\ntaskdef_overrides:\n  - path: ContainerDefinitions[0].Ulimits[-].HardLimit\n    value: 1024\n```";
    WORKLOAD_TOPIC = "copilot::workload::topic", "a worker subscribes to a topic that does not exist",
        "The service that publishes the topic has to be deployed to the environment before the worker:\n\n\
         ```yaml\npublish:\n  topics:\n    - name: orders\n```";
    WORKLOAD_ENVIRONMENT = "copilot::workload::environment", "a workload needs what its environment can not have",
        "The environment's stack is older than the feature, or was never deployed. Deploy the environment before the workload.";
    WORKLOAD_DOMAIN = "copilot::workload::domain", "a domain name does not fit application and environment",
        "A service gets its own name where the application has a domain, or where the environment imports certificates:\n\n\
         ```yaml\nhttp:\n  public:\n    certificates: [arn:aws:acm:eu-west-1:111122223333:certificate/1]\n```\n\n\
         An application with the domain `example.com` can use `web.example.com`, `web.APP.example.com` and \
         `web.ENV.APP.example.com`.";
    WORKLOAD_LOAD_BALANCER = "copilot::workload::load-balancer", "the load balancer that a manifest names can not be used",
        "`http.alb` names an existing load balancer with one listener, or with one for HTTP and one for HTTPS; that of a Backend \
         Service has to be internal:\n\n\
         ```yaml\nhttp:\n  alb: shared\n  path: /\n```";
    WORKLOAD_IMAGE = "copilot::workload::image", "App Runner can not read the image",
        "App Runner reads images from ECR and from ECR Public:\n\n\
         ```yaml\nimage:\n  location: public.ecr.aws/nginx/nginx:1.27\n  port: 80\n```";

    ENVIRONMENT_CDN = "copilot::environment::cdn_in_use", "CloudFront can not stand before what is deployed",
        "CloudFront answers only to the aliases of services, so each service behind the load balancer needs one before `cdn` is \
         switched on:\n\n```yaml\nhttp:\n  alias: web.example.com\n```\n\n\
         With `cdn.terminate_tls` CloudFront speaks HTTP to the load balancer, so no service may redirect HTTP to HTTPS:\n\n\
         ```yaml\nhttp:\n  redirect_to_https: false\n```";

    ADDONS_CONFLICT = "copilot::addons::conflict", "two addons templates define one name differently",
        "All templates of a folder `addons` become one. A name that two of them have is fine as long as both say the same:\n\n\
         ```yaml\nParameters:\n  App: {Type: String}\n  Env: {Type: String}\n  Name: {Type: String}\n```\n\n\
         Otherwise one of them needs another name.";
    ADDONS_SECTION = "copilot::addons::section", "an addons template is not a template",
        "A template, and each of its sections `Metadata`, `Parameters`, `Mappings`, `Conditions`, `Resources` and `Outputs`, \
         is a mapping:\n\n```yaml\nResources:\n  Table:\n    Type: AWS::DynamoDB::Table\n```";
    ADDONS_DROPPED = "copilot::addons::dropped", "a key of an addons file has no effect",
        "`Metadata`, `Parameters`, `Mappings`, `Conditions`, `Transform`, `Resources` and `Outputs` of all templates are merged. \
         Other sections, such as `Rules` and `Hooks`, are not taken over. `addons.parameters.yml` has the one key `Parameters`.";
    ADDONS_NO_VALUE = "copilot::addons::no_value", "nobody gives a parameter of an addons template a value",
        "`App`, `Env` and `Name` are always given. Any other parameter has a `Default`, even an empty one, or a value in \
         `addons.parameters.yml`:\n\n```yaml\nParameters:\n  Size: large\n```\n\n\
         Where that file is missing altogether, `validate` only warns: another step may write it.";
    ADDONS_PARAMETERS = "copilot::addons::parameters", "parameters and values of addons don't fit together",
        "The templates of a workload's addons declare `App`, `Env` and `Name`, those of environments `App` and `Env`; \
         they are always given. `addons.parameters.yml` gives values to others that a template declares:\n\n\
         ```yaml\nParameters:\n  ServiceSecurityGroup: !Ref LoadBalancerSecurityGroup\n```";
}

//! The stable codes of what `doctor` finds.

copilot_yaml::codes! { pub static;
    OLD_PROGRAM = "copilot::doctor::old_program", "a build runs AWS Copilot",
        "Copilot's support ended on 2026-06-12. A build that downloads it depends on a bucket that nobody has promised to keep, runs \
         what it gets without a look at whether it is what was released, and needs `ruby`, `jq` and `wget` in its image. \
         `copilot-pipeline migrate` puts `copilot-pipeline build` in its place, pinned by SHA-256, and keeps your own commands.";
    UNVERSIONED_PROGRAM = "copilot::doctor::unversioned_program", "a build downloads whichever Copilot is there",
        "The address names no version, so a build runs what somebody puts there. That has broken pipelines: from v1.20 on templates \
         have empty `S3Bucket` and `S3Key` unless `--upload-assets` is given (https://github.com/aws/copilot-cli/issues/3825).";
    UNCHECKED_DOWNLOAD = "copilot::doctor::unchecked_download", "a build runs a script straight from the network",
        "What `curl … | sh` fetches is run whatever it is, with the rights of the build. Download a fixed version to a file, compare \
         it with a known sum (`sha256sum --check`), and run it then.";
    LAMBDA_RUNTIME = "copilot::doctor::lambda_runtime", "functions have a runtime that AWS takes no longer",
        "AWS ends runtimes in two steps: from one day on no function can be created with it, from a later one on none can be changed. \
         Existing functions go on running. Copilot's templates have functions behind custom resources, so a new service, environment or \
         autoscaling rule is what fails first, with `The runtime parameter of … is no longer supported`. AWS has moved such dates \
         before; `doctor` says when they were looked up.\n\n\
         The runtime of functions in templates can be raised with an override, `copilot/NAME/overrides/cfn.patches.yml`:\n\n\
         ```yaml\n- op: replace\n  path: /Resources/EnvControllerFunction/Properties/Runtime\n  value: nodejs24.x\n```";
    BUILD_IMAGE = "copilot::doctor::build_image", "a pipeline builds in an image that has ended",
        "CodeBuild no longer caches or updates it: builds start slowly and get no security fixes. `copilot-pipeline migrate` writes the \
         image that has taken its place. Without `build.image` a pipeline has the newest one that Copilot knew, and `copilot-pipeline \
         deploy` brings deployed pipelines there.";
    RUNTIME_VERSION = "copilot::doctor::runtime_version", "a buildspec asks for a runtime that images no longer have",
        "A newer image refuses the whole build with `Unknown runtime named 'docker'` or `Unknown runtime version named '2.6' of ruby`. \
         Copilot needed Docker and Ruby there; `copilot-pipeline build` doesn't. Docker is part of every image without being asked for. \
         `copilot-pipeline migrate` takes out what nothing else in the buildspec uses.";
    OLD_CALL = "copilot::doctor::old_call", "commands of a pipeline call AWS Copilot",
        "Tests and actions before or after a deployment that call `copilot svc exec`, `copilot task run` and the like depend on a \
         program without support. AWS's own command line does the same: `aws ecs execute-command`, `aws ecs run-task`, \
         `aws logs tail`.";
    GITHUB_TOKEN = "copilot::doctor::github_token", "a pipeline reads GitHub with a personal token",
        "The action of the first version needs a token that can do far more than read one repository, asks GitHub in intervals or by a \
         webhook of its own, and can have no triggers by branch, tag or path. CodePipeline advises against it. Use a connection: \
         `provider: GitHub` without `access_token_secret`.";
    CONNECTION_PREFIX = "copilot::doctor::connection_prefix", "a connection has the new prefix, which Copilot's roles don't allow",
        "Connections made since the service was renamed have ARNs with `codeconnections`, and IAM wants the same prefix in policies. \
         A stack that Copilot deploys allows `codestar-connections` only, so its source stage may fail with `does not have sufficient \
         permissions`. `copilot-pipeline deploy` allows both.";
    LOST_GATE = "copilot::doctor::lost_gate", "a key that was to hold a deployment back was never read",
        "Copilot ignores keys that it doesn't know. With `require_approval` instead of `requires_approval` nobody is asked before the \
         stage is deployed; with a misspelt `test_commands` no tests run. `copilot-pipeline migrate` corrects the key.";
    IGNORED_KEY = "copilot::doctor::ignored_key", "a key that Copilot ignored in silence",
        "Nothing has ever read it, so what it was to set has its default. Correct it or delete it. `copilot-pipeline migrate` corrects \
         those that differ from a known key by a letter, hyphens or capitals, which may change what is deployed: look at \
         `deploy --diff`.";
    IGNORED_SOURCE_IPS = "copilot::doctor::ignored_source_ips", "addresses that were to be let in are not read",
        "Copilot checks `http.public.security_groups.ingress.restrict_to.source_ips` and then ignores it: the load balancer is open to \
         0.0.0.0/0. Only the place since v1.23 counts:\n\n\
         ```yaml\nhttp:\n  public:\n    ingress:\n      source_ips: [198.51.100.0/24]\n```";
    REGISTRY_LIMIT = "copilot::doctor::registry_limit", "an image is based on one of Docker Hub, which limits downloads",
        "Docker Hub counts downloads without a login by address, and builds share theirs with many: `toomanyrequests` comes and goes. \
         Official images are in `public.ecr.aws/docker/library/` too, with the same tags; or log in to Docker Hub in the buildspec; or \
         let ECR keep copies with a pull-through cache.";
    DATABASE_VERSION = "copilot::doctor::database_version", "a database of the addons can't be created any more",
        "A cluster that exists goes on, but the stack fails where it has to create one: in a new environment, or after a replacement. \
         `aws rds describe-db-engine-versions --engine ENGINE --query 'DBEngineVersions[].EngineVersion'` lists what there is.";
    APP_RUNNER = "copilot::doctor::app_runner", "a service needs App Runner, which takes no new customers",
        "A Request-Driven Web Service runs on App Runner. Accounts that have used it can go on; in a new account it can't be created. \
         A Load Balanced Web Service does the same on ECS.";
    BLOCKED_STACK = "copilot::doctor::blocked_stack", "a stack can't be updated in the state that it is in",
        "A deployment to it fails until somebody brings it to another state. After a failed creation a stack can only be deleted; after \
         a failed rollback `aws cloudformation continue-update-rollback` goes on where it stopped; a stack in review has nothing in it.";
    MIXED_VERSIONS = "copilot::doctor::mixed_versions", "the stacks of an application are of several versions",
        "Older programs refuse what newer ones have deployed, or take back what these added. Copilot before v1.28 even deletes image \
         repositories that a later one has listed in another place (https://github.com/aws/copilot-cli/issues/5140). One program should \
         deploy everything: pipelines and people's machines alike.";
    APPLICATION_VERSION = "copilot::doctor::application_version", "an application's own stacks say that they have version 1.0",
        "Copilot's commands that delete services, jobs and environments write the version of the records, 1.0, in the place of the templates' \
         version. Then the next deployment of a static site, or of a service with an alias, is refused, since `v1.2.0` is wanted. \
         `copilot app upgrade` writes the right one, and loses the permissions boundary on the way.";
    LOST_BOUNDARY = "copilot::doctor::lost_boundary", "an application's roles have lost their permissions boundary",
        "The application was made with a boundary, and its record says so, but Copilot writes the roles without it when it upgrades the \
         application, makes an environment in another account, or deletes the last one of an account. Where an organisation demands a boundary, the next change to the roles fails; elsewhere \
         they may do more than they should.";
    LOST_ACCOUNT = "copilot::doctor::lost_account", "accounts with access and accounts with environments are not the same",
        "When it deletes an environment, Copilot takes the list of accounts that may use buckets, keys and image repositories from the wrong place. \
         Environments in other accounts can be cut off: their next deployment fails, and so does every new task that pulls an image. Or \
         an account keeps its access although its last environment is gone.";
    UNREACHABLE = "copilot::doctor::unreachable", "an environment can't be looked at",
        "Its manager role can't be taken on, or does not answer. Nothing can be said about its stacks.";
    MISSING_PERMISSION = "copilot::doctor::missing_permission", "the caller's own policies do not allow a command",
        "IAM was asked what the policies of the caller allow (`iam:SimulatePrincipalPolicy`). Policies of the organisation and of \
         resources are not part of its answer, and the manager roles of environments allow the rest. `copilot-pipeline policy COMMAND` \
         prints the smallest policy for a command.";
    OLD_LAYOUT = "copilot::doctor::old_layout", "a pipeline stands where Copilot had it before v1.16",
        "`copilot/pipeline.yml` is read still, as the only pipeline of its place. Moving it to `copilot/pipelines/NAME/manifest.yml` \
         gives the deployed pipeline no other name as long as its stack exists.";
}

//! The stable codes of what can be wrong with a pipeline's manifest.

copilot_yaml::codes! { pub static;
    MISSING = "copilot::pipeline::missing", "a pipeline's manifest lacks a key that it can't do without",
        "The message names the key. The smallest manifest is:\n\n\
         ```yaml\nname: release\nversion: 1\nsource:\n  provider: GitHub\n  properties:\n    branch: main\n    \
         repository: https://github.com/OWNER/REPOSITORY\nstages:\n  - name: test\n```";
    VERSION = "copilot::pipeline::version", "the version of the manifest's format is not 1",
        "`version` is the version of the manifest's format, not of the pipeline, and 1 is the only one: `version: 1`.";
    NAME = "copilot::pipeline::name", "a name can't be part of a stack's name",
        "The name of a pipeline, of an environment or of a stack becomes the name of a CloudFormation stack, or a part of it: \
         letters, digits and `-`, at most 128 characters in all. A pipeline's own name has at most 100.";
    APPROVAL_MISSPELT = "copilot::pipeline::approval_misspelt", "a key that looks like `requires_approval` but is not",
        "A mistyped key has no effect, and without `requires_approval` a stage is deployed without anybody being asked. \
         Some older examples have it wrong. Write:\n\n```yaml\nstages:\n  - name: prod\n    requires_approval: true\n```";
    GATE_MISSPELT = "copilot::pipeline::gate_misspelt", "a key that looks like one that holds a deployment back, but is not",
        "A mistyped key has no effect, and without `test_commands`, `pre_deployments` or `post_deployments` what was to be tested or \
         done first is not, and nobody notices. It is an error unless the stage has the right key, too. Write:\n\n\
         ```yaml\nstages:\n  - name: test\n    test_commands:\n      - make test\n```";
    PROVIDER = "copilot::pipeline::provider", "nothing is known of a source's provider",
        "`source.provider` is one of `GitHub`, `GitHubV1` (with a personal access token), `Bitbucket` and `CodeCommit`, \
         spelt so. A repository elsewhere, such as at GitLab, has to be mirrored to one of them.";
    REPOSITORY = "copilot::pipeline::repository", "the repository's address does not fit its provider",
        "What each provider takes:\n\n\
         - `GitHub`, `GitHubV1`: `https://github.com/OWNER/REPOSITORY` or `OWNER/REPOSITORY`\n\
         - `Bitbucket`: `https://bitbucket.org/OWNER/REPOSITORY`\n\
         - `CodeCommit`: `https://REGION.console.aws.amazon.com/codesuite/codecommit/repositories/REPOSITORY/browse`\n\n\
         An address of another form would be cut into a wrong owner and name, and the pipeline's first stage would fail.";
    REPOSITORY_SUFFIX = "copilot::pipeline::repository_suffix", "a repository's name ends in `.git`",
        "The suffix stays part of the name under which the pipeline looks the repository up, and of the name of its connection. \
         In a new pipeline leave it out. In a deployed one, leaving it out replaces a connection that Copilot has made, and \
         somebody has to confirm the new one in the console.";
    OUTPUT_FORMAT = "copilot::pipeline::output_format", "`output_artifact_format` has an unknown value",
        "It is `CODE_ZIP` (the files, which is the default) or `CODEBUILD_CLONE_REF` (a full clone, with history).";
    NO_EFFECT = "copilot::pipeline::no_effect", "a source's property has no effect with its provider",
        "Connections belong to `GitHub` and `Bitbucket`, tokens to `GitHubV1` and `GitHub`; `output_artifact_format` has no \
         effect with a token. Delete the property, or look whether the provider is the one that you mean.";
    POLICY = "copilot::pipeline::policy", "an additional policy is not a policy document",
        "`PolicyDocument` is a mapping with `Version` and `Statement`, as IAM takes it; CloudFormation's tags such as `!Sub` work \
         in it.";
    NO_STAGES = "copilot::pipeline::no_stages", "a pipeline has no stages",
        "A pipeline that deploys nowhere can't be created. Add at least one environment to `stages`.";
    DUPLICATE_STAGE = "copilot::pipeline::duplicate_stage", "two stages deploy to one environment",
        "CodePipeline takes each stage's name once. Join the two stages; `depends_on` puts their deployments in order.";
    EMPTY_STAGE = "copilot::pipeline::empty_stage", "a stage deploys nothing",
        "A stage without `deployments` deploys the services and jobs of the workspace that the application knows; here there are \
         none. CodePipeline gets no such stage at all, so its approval, actions and tests never run either.\n\nA service or a \
         job that the workspace has, but the application doesn't, becomes known with Copilot's `copilot svc init` or \
         `copilot job init`.";
    UNKNOWN_ENVIRONMENT = "copilot::pipeline::unknown_environment", "a stage's environment does not exist",
        "The name of a stage is that of an environment of the application. `copilot-pipeline facts` writes down \
         which exist.";
    UNKNOWN_WORKLOAD = "copilot::pipeline::unknown_workload", "a deployment has the name of no service or job of the workspace",
        "The template of such a deployment is not written by the generated buildspec. Either the name is mistyped, or your own \
         buildspec writes the template; then say where with `template_path`.";
    TESTS_AND_ACTIONS = "copilot::pipeline::tests_and_actions", "a stage has both `test_commands` and `post_deployments`",
        "Only one of them can follow the deployments. Move the commands into the buildspec of a post-deployment action.";
    EMPTY_COMMAND = "copilot::pipeline::empty_command", "a test command is empty",
        "CodeBuild refuses a buildspec with an empty command, and the stage would fail. Delete the line.";
    EMPTY_ACTION = "copilot::pipeline::empty_action", "an action has no buildspec",
        "A pre- or post-deployment action runs a buildspec, given from the root of the repository:\n\n\
         ```yaml\npre_deployments:\n  db_migration:\n    buildspec: copilot/pipelines/release/migrate.yml\n```";
    UNKNOWN_DEPENDENCY = "copilot::pipeline::unknown_dependency", "`depends_on` names nothing that it could wait for",
        "It names siblings: other deployments of the same stage, other pre-deployments, or other post-deployments. Pre-deployments \
         run before all deployments and post-deployments after them anyway.";
    CYCLE = "copilot::pipeline::cycle", "deployments or actions wait for each other in a circle",
        "None of them could ever start. Take one of the labelled dependencies away.";
    ACTION_NAME = "copilot::pipeline::action_name", "CodePipeline does not take an action's name",
        "Letters, digits and `.@-_`, at most 100 characters in all. The name of a deployment becomes \
         `CreateOrUpdate-NAME-ENVIRONMENT`.";
    DUPLICATE_ACTION = "copilot::pipeline::duplicate_action", "two actions of a stage have one name",
        "CodePipeline takes each action's name once in a stage. Frequent with the same name under `pre_deployments` and \
         `post_deployments`: rename one.";
    LOGICAL_ID = "copilot::pipeline::logical_id", "two names become the same logical ID",
        "The resources of an action are named by the letters and digits of its stage and of itself, so `a-b` and `ab` are the same \
         to CloudFormation. Rename one of them.";
    QUOTA = "copilot::pipeline::quota", "a quota of CodePipeline is exceeded",
        "A pipeline has at most 50 stages, of which source and build are two, and a stage at most 50 actions: approval, actions \
         before and after, one for each deployment, tests. Split the pipeline or the stage.";
}

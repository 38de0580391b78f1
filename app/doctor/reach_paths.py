"""The known roads to more rights: which actions together make each, and what somebody could do by it.

From cloudsplaining 0.9.1 (`shared/constants.py`, MIT), which follows RhinoSecurityLabs' AWS-IAM-Privilege-Escalation
and pathfinding.cloud; those that only add actions to another one are left out. The last ones are ours: what undoes the
work of a gateway such as this one.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class Path(NamedTuple):
    """`needs`: the actions, all of them. `could`: the end of "whoever has this role could ..."."""

    id: str
    needs: str
    could: str

    @property
    def actions(self) -> tuple[str, ...]:
        return tuple(self.needs.split())


ADMINISTRATOR = Path("administrator", "", "do everything in the account: it allows every action")
_KNOWN = (
    ADMINISTRATOR,
    Path("create-access-key", "iam:createaccesskey", "make an access key for another user and act as that user"),
    Path(
        "create-login-profile",
        "iam:createloginprofile",
        "give a user without a console password one, and sign in as that user",
    ),
    Path(
        "update-login-profile",
        "iam:updateloginprofile",
        "set another user's console password, and sign in as that user",
    ),
    Path("add-user-to-group", "iam:addusertogroup", "put a user into any group, and have what the group may do"),
    Path("create-new-policy-version", "iam:createpolicyversion", "rewrite a managed policy that is attached to itself"),
    Path(
        "set-existing-default-policy-version",
        "iam:setdefaultpolicyversion",
        "bring back an older, wider version of a managed policy",
    ),
    Path("attach-user-policy", "iam:attachuserpolicy", "attach any managed policy to a user"),
    Path("attach-group-policy", "iam:attachgrouppolicy", "attach any managed policy to a group"),
    Path("attach-role-policy", "iam:attachrolepolicy", "attach any managed policy to a role, itself included"),
    Path("put-user-policy", "iam:putuserpolicy", "write any inline policy for a user"),
    Path("put-group-policy", "iam:putgrouppolicy", "write any inline policy for a group"),
    Path("put-role-policy", "iam:putrolepolicy", "write any inline policy for a role, itself included"),
    Path(
        "update-role-policy-to-assume-it",
        "iam:updateassumerolepolicy",
        "rewrite a role's trust policy and then take that role",
    ),
    Path(
        "start-machine-with-role",
        "iam:passrole ec2:runinstances",
        "start a machine with another role, and use that role from it",
    ),
    Path(
        "pass-role-to-new-lambda-then-invoke",
        "iam:passrole lambda:createfunction lambda:invokefunction",
        "run code as another role in a new Lambda function",
    ),
    Path(
        "pass-role-to-new-lambda-then-trigger-with-existing-dynamo",
        "iam:passrole lambda:createfunction lambda:createeventsourcemapping",
        "run code as another role in a new Lambda function that an event starts",
    ),
    Path(
        "pass-role-to-new-glue-dev-endpoint",
        "iam:passrole glue:createdevendpoint",
        "run code as another role on a Glue development endpoint",
    ),
    Path(
        "pass-role-to-cloud-formation",
        "iam:passrole cloudformation:createstack",
        "let CloudFormation make anything as another role",
    ),
    Path(
        "pass-role-to-new-data-pipeline",
        "iam:passrole datapipeline:createpipeline",
        "run commands as another role in a data pipeline",
    ),
    Path(
        "update-existing-glue-dev-endpoint",
        "glue:updatedevendpoint",
        "put its own key on a Glue development endpoint, and act as that endpoint's role",
    ),
    Path(
        "edit-existing-lambda-function-with-role",
        "lambda:updatefunctioncode",
        "change the code of a Lambda function, and act as that function's role",
    ),
    Path(
        "access-existing-bedrock-code-interpreter-session",
        "bedrock-agentcore:startcodeinterpretersession bedrock-agentcore:invokecodeinterpreter",
        "run code in a Bedrock code interpreter, and act as its role",
    ),
    Path(
        "execute-cloud-formation-change-set",
        "cloudformation:createchangeset cloudformation:executechangeset",
        "change a stack that CloudFormation makes as another role",
    ),
    Path(
        "modify-ec2-instance-user-data-then-restart",
        "ec2:modifyinstanceattribute ec2:stopinstances ec2:startinstances",
        "change what a machine does at its start, and act as that machine's role",
    ),
    Path(
        "modify-existing-ec2-launch-template",
        "ec2:createlaunchtemplateversion ec2:modifylaunchtemplate",
        "change the template of new machines, and act as their role",
    ),
    Path(
        "ec2-instance-connect-send-ssh-public-key",
        "ec2-instance-connect:sendsshpublickey ec2:describeinstances",
        "sign in to a machine, and act as that machine's role",
    ),
    Path(
        "ecs-execute-command-on-running-task",
        "ecs:executecommand ecs:describetasks",
        "run commands in a running container, and act as its role",
    ),
    Path(
        "create-presigned-sage-maker-notebook-url",
        "sagemaker:createpresignednotebookinstanceurl",
        "open a SageMaker notebook, and act as that notebook's role",
    ),
    Path(
        "update-sage-maker-notebook-lifecycle-config",
        "sagemaker:createnotebookinstancelifecycleconfig sagemaker:stopnotebookinstance "
        "sagemaker:updatenotebookinstance sagemaker:startnotebookinstance",
        "change what a SageMaker notebook does at its start, and act as its role",
    ),
    Path(
        "pass-role-to-new-app-runner-service",
        "iam:passrole apprunner:createservice",
        "run code as another role in App Runner",
    ),
    Path(
        "pass-role-to-new-bedrock-code-interpreter",
        "iam:passrole bedrock-agentcore:createcodeinterpreter bedrock-agentcore:startcodeinterpretersession "
        "bedrock-agentcore:invokecodeinterpreter",
        "run code as another role in a new Bedrock code interpreter",
    ),
    Path(
        "pass-role-to-new-cloud-formation-stack-set",
        "iam:passrole cloudformation:createstackset cloudformation:createstackinstances",
        "let a CloudFormation stack set make anything as another role",
    ),
    Path(
        "pass-role-to-update-cloud-formation-stack-set",
        "iam:passrole cloudformation:updatestackset",
        "change a CloudFormation stack set and let it act as another role",
    ),
    Path(
        "pass-role-to-new-code-build-project-then-build",
        "iam:passrole codebuild:createproject codebuild:startbuild",
        "run a build as another role",
    ),
    Path(
        "pass-role-to-new-code-build-project-then-build-batch",
        "iam:passrole codebuild:createproject codebuild:startbuildbatch",
        "run a batch of builds as another role",
    ),
    Path(
        "pass-role-to-new-ec2-spot-instance",
        "iam:passrole ec2:requestspotinstances",
        "ask for a spot machine with another role, and use that role from it",
    ),
    Path(
        "pass-role-to-new-ecs-service",
        "iam:passrole ecs:registertaskdefinition ecs:createservice",
        "run a container service as another role",
    ),
    Path(
        "pass-role-to-new-ecs-task-via-run-task",
        "iam:passrole ecs:registertaskdefinition ecs:runtask",
        "run a container as another role",
    ),
    Path(
        "pass-role-to-new-ecs-task-via-start-task",
        "iam:passrole ecs:registertaskdefinition ecs:starttask",
        "start a container as another role on a machine of a cluster",
    ),
    Path(
        "pass-role-to-new-glue-job-then-run",
        "iam:passrole glue:createjob glue:startjobrun",
        "run a Glue job as another role",
    ),
    Path(
        "pass-role-to-new-glue-job-via-trigger",
        "iam:passrole glue:createjob glue:createtrigger",
        "let a trigger run a new Glue job as another role",
    ),
    Path(
        "pass-role-to-updated-glue-job-then-run",
        "iam:passrole glue:updatejob glue:startjobrun",
        "change a Glue job and run it as another role",
    ),
    Path(
        "pass-role-to-updated-glue-job-via-trigger",
        "iam:passrole glue:updatejob glue:createtrigger",
        "change a Glue job and let a trigger run it as another role",
    ),
    Path(
        "pass-role-to-new-lambda-then-add-permission",
        "iam:passrole lambda:createfunction lambda:addpermission",
        "run code as another role in a new Lambda function that another account may start",
    ),
    Path(
        "pass-role-to-new-sage-maker-notebook-instance",
        "iam:passrole sagemaker:createnotebookinstance",
        "open a new SageMaker notebook as another role",
    ),
    Path(
        "pass-role-to-new-sage-maker-training-job",
        "iam:passrole sagemaker:createtrainingjob",
        "run a SageMaker training job as another role",
    ),
    Path(
        "pass-role-to-new-sage-maker-processing-job",
        "iam:passrole sagemaker:createprocessingjob",
        "run a SageMaker processing job as another role",
    ),
    Path("create-role", "iam:createrole iam:attachrolepolicy", "make a role with any policy, and take it"),
    Path("change-saml-provider", "iam:updatesamlprovider", "sign in as anybody, by its own keys in a SAML provider"),
    Path("new-client-of-oidc", "iam:addclientidtoopenidconnectprovider", "let tokens of another application in"),
    Path("change-oidc-keys", "iam:updateopenidconnectproviderthumbprint", "let tokens of an issuer of its own in"),
    Path("undo-revocation", "iam:deleterolepolicy", "take away the policy that revokes older sessions"),
    Path("drop-boundary", "iam:deleterolepermissionsboundary", "take away a role's permissions boundary"),
)
PATHS: Mapping[str, Path] = MappingProxyType({path.id: path for path in _KNOWN})

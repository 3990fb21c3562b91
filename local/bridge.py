"""The differences between ministack and AWS, bridged after every deployment.

ministack takes routes and authorizer from the API's OpenAPI definition and leaves out three parts of it. They are read
here from that same definition (the template as CloudFormation processed it) and put on the local API one by one:

* the gateway responses, which give 401, 403, 404 ... our envelope;
* the methods for any verb (`x-amazon-apigateway-any-method`), which answer 405;
* what the CORS preflight answers: its mock integration arrives without templates and headers.

And its queue poller stumbles over a number that came through a template parameter, which is text on the way.

A function URL has the name of a host that only AWS resolves; ministack serves it under a path of its own, too. The
relay, and the function that hands out its addresses, are told of that one.

It knows no saved queries of CloudWatch and no alarms over several metrics; they are left out of what is deployed
(`unknown_resources.py`).

A difference that cannot be bridged here is bridged by a parameter of the template: ministack decodes path parameters
(once, as our handlers do for AWS), hence `PathParameters=decoded`. What stays different: a trailing slash and a double
slash match a route, no policy covers a path with a line break (which a call id may have), replies are not compressed,
the limits of 6 MB (function) and 10 MB (API) are not enforced, and the query of a function URL is put together anew
from its parts (`a[]=1&&b=` arrives as `a%5B%5D=1`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from local.machine import REGION

_ANY: Final = "x-amazon-apigateway-any-method"
_INTEGRATION: Final = "x-amazon-apigateway-integration"


def bridge_api(cloudformation: Any, apigateway: Any, stack_name: str) -> None:
    """Completes the API of a deployed stack, and deploys its stage again so that the additions count."""
    stack = cloudformation.describe_stacks(StackName=stack_name)["Stacks"][0]
    processed = cloudformation.get_template(StackName=stack_name, TemplateStage="Processed")["TemplateBody"]
    resources = cloudformation.describe_stack_resources(StackName=stack_name)["StackResources"]
    definition = _resolved(_definition(processed), _names(stack, resources))
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}

    api = _Api(apigateway, outputs["ApiId"])
    api.put_gateway_responses(definition["x-amazon-apigateway-gateway-responses"])
    api.put_paths(definition["paths"])
    apigateway.create_deployment(restApiId=outputs["ApiId"], stageName=outputs["Stage"])


def bridge_queue(functions: Any) -> None:
    """Gives every queue poller its limit of concurrency as a number."""
    for mapping in functions.list_event_source_mappings()["EventSourceMappings"]:
        if limit := mapping.get("ScalingConfig", {}).get("MaximumConcurrency"):
            scaling = {"MaximumConcurrency": int(limit)}
            functions.update_event_source_mapping(UUID=mapping["UUID"], ScalingConfig=scaling)


def bridge_relay(functions: Any, function_names: Mapping[str, str], relay_root: str) -> None:
    """Tells the functions (physical names by logical ones) where the relay answers here."""
    for name in ("RelayFunction", "RelaysApiFunction"):
        _set_variable(functions, function_names[name], "RELAY_ROOT", relay_root)


def _set_variable(functions: Any, function_name: str, name: str, value: str) -> None:
    variables = functions.get_function_configuration(FunctionName=function_name)["Environment"]["Variables"]
    environment = {"Variables": {**variables, name: value}}
    functions.update_function_configuration(FunctionName=function_name, Environment=environment)


def _definition(template: Mapping[str, Any]) -> Any:
    apis = (r for r in template["Resources"].values() if r["Type"] == "AWS::ApiGateway::RestApi")
    return next(apis)["Properties"]["Body"]


def _names(stack: Mapping[str, Any], resources: list[dict[str, str]]) -> dict[str, str]:
    """What `${...}` may stand for in the definition: parameters, the region, the ARNs of functions and of aliases."""
    account = stack["StackId"].split(":")[4]
    arns = {
        f"{resource['LogicalResourceId']}.Arn": (
            f"arn:aws:lambda:{REGION}:{account}:function:{resource['PhysicalResourceId']}"
        )
        for resource in resources
        if resource["ResourceType"] == "AWS::Lambda::Function"
    }
    # What a reference to an alias gives is its ARN.
    aliases = {
        resource["LogicalResourceId"]: resource["PhysicalResourceId"]
        for resource in resources
        if resource["ResourceType"] == "AWS::Lambda::Alias"
    }
    parameters = {item["ParameterKey"]: item["ParameterValue"] for item in stack["Parameters"]}
    return {**parameters, **arns, **aliases, "AWS::Region": REGION}


def _resolved(value: Any, names: Mapping[str, str]) -> Any:
    """`value` with every plain `Fn::Sub` in it carried out; a name that is not known stays as it is."""
    if isinstance(value, list):
        return [_resolved(item, names) for item in value]
    if not isinstance(value, dict):
        return value
    if isinstance(text := value.get("Fn::Sub"), str):
        return re.sub(r"\$\{([^}]+)\}", lambda match: names.get(match[1], match[0]), text)
    return {key: _resolved(item, names) for key, item in value.items()}


@dataclass(frozen=True)
class _Api:
    """The local API; every `put_` can be repeated."""

    client: Any
    rest_api_id: str

    def put_gateway_responses(self, responses: Mapping[str, Any]) -> None:
        for response_type, response in responses.items():
            status = {"statusCode": str(response["statusCode"])} if "statusCode" in response else {}
            self.client.put_gateway_response(
                restApiId=self.rest_api_id,
                responseType=response_type,
                responseParameters=response["responseParameters"],
                responseTemplates=response["responseTemplates"],
                **status,
            )

    def put_paths(self, paths: Mapping[str, Any]) -> None:
        page = self.client.get_resources(restApiId=self.rest_api_id, embed=["methods"], limit=500)
        for resource in page["items"]:
            operations = paths.get(resource["path"], {})
            if _ANY in operations and "ANY" not in resource.get("resourceMethods", {}):
                self._put_any_method(resource["id"], operations[_ANY][_INTEGRATION])
            if "options" in operations:
                self._put_preflight(resource["id"], operations["options"][_INTEGRATION])

    def _put_any_method(self, resource_id: str, integration: Mapping[str, Any]) -> None:
        method = {"restApiId": self.rest_api_id, "resourceId": resource_id, "httpMethod": "ANY"}
        self.client.put_method(**method, authorizationType="NONE")
        self.client.put_integration(
            **method, type="AWS_PROXY", integrationHttpMethod=integration["httpMethod"], uri=integration["uri"]
        )

    def _put_preflight(self, resource_id: str, integration: Mapping[str, Any]) -> None:
        method = {"restApiId": self.rest_api_id, "resourceId": resource_id, "httpMethod": "OPTIONS"}
        self.client.put_integration(**method, type="MOCK", requestTemplates=integration["requestTemplates"])
        for response in integration["responses"].values():
            headers = response["responseParameters"]
            status = {**method, "statusCode": str(response["statusCode"])}
            self.client.put_method_response(**status, responseParameters=dict.fromkeys(headers, False))
            self.client.put_integration_response(
                **status, responseParameters=headers, responseTemplates=response["responseTemplates"]
            )

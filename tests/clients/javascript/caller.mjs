// A developer's script: asks AWS who it is. With a word, that is the profile named in code; else the environment's.
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";

const profile = process.argv[2];
try {
  const answer = await new STSClient(profile ? { profile } : {}).send(new GetCallerIdentityCommand({}));
  console.log(answer.Arn);
} catch (error) {
  console.error(`${error.name}: ${error.message}`);
  process.exitCode = 1;
}

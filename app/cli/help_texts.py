"""What `--help` says. The first line of each is also its line in the list of commands."""

from __future__ import annotations

from types import MappingProxyType

PROGRAM = """\
Sign in to AWS with your company's identity provider, through its gateway.

  fedgate login                  sign in, in the browser
  fedgate profiles sync          one profile for each role, in ~/.aws/config
  aws s3 ls --profile NAME       the AWS CLI then fetches credentials by itself
  fedgate doctor                 when something does not work
"""

EXITS = """\
exit codes:
  0 done                   3 gateway unreachable    6 another process is busy
  1 unexpected             4 sign-in required       7 AWS refused
  2 usage, configuration   5 denied                 130 interrupted

environment:
  FEDGATE_GATEWAY, FEDGATE_CACHE_DIR, FEDGATE_DEBUG=1, AWS_CONFIG_FILE,
  BROWSER, HTTPS_PROXY, NO_PROXY, AWS_CA_BUNDLE, SSL_CERT_FILE,
  REQUESTS_CA_BUNDLE
"""

COMMANDS = MappingProxyType(
    {
        "login": """\
Sign in, in your browser

Opens the gateway in your browser and waits on 127.0.0.1 until it comes back.
Does nothing if you are signed in.

  fedgate login --min-ttl 8h     also if less than a working day is left
  fedgate login --device         without a browser here: type a code elsewhere
  fedgate login --mfa --max-age 15
                                 for a role that wants to be sure it is you

Over SSH without a display it goes by a code by itself, where the gateway
offers that; --no-device, --no-browser and --browser say otherwise, and for
good: fedgate configure --login browser (or device, auto).
""",
        "logout": """\
Sign out, and forget the cached credentials

Ends the sign-in at the gateway and removes its tokens and credentials from
this machine. Credentials that other programs already hold go on working until
they expire.
""",
        "status": """\
Show who is signed in, until when, and which credentials lie ready

  fedgate status --check || fedgate login
  fedgate status --check --min-ttl 1h && terraform apply
""",
        "roles": """\
List the roles that you may take

  fedgate roles prod update           those that contain both words
""",
        "credential-process": """\
Print credentials for AWS tools (they run this, you need not)

Prints one line of JSON in the form that AWS tools expect of a
`credential_process`. Never asks and never opens a browser: when a sign-in is
needed, it says so and fails with exit code 4. Credentials are kept, and shared
by all programs that ask for the same role.
""",
        "exec": """\
Run a command as one of your roles

  fedgate exec production.UpdateApp -- terraform plan

The command gets the profile (AWS_PROFILE) and fetches credentials itself, as
long as it runs. Other AWS credentials in its environment are taken away; the
region, endpoints and files of settings stay. Its exit code is passed on; 127
and 126 mean that it could not be found, or not be started.

  --keys    for programs that know no profiles; the keys end when they end
  --serve   for roles without a profile on this machine
""",
        "env": """\
Print credentials as variables for a shell

  eval "$(fedgate env production.UpdateApp)"           bash, zsh
  fedgate env production.UpdateApp | source            fish
  fedgate env production.UpdateApp --format powershell | Out-String | iex
  eval "$(fedgate env production.UpdateApp --profile-only)"

The keys end when they end; with --profile-only, programs fetch new ones
themselves. Without --format it is that of $SHELL. What would win over the
credentials in this shell is removed. --unset takes it all out again.
""",
        "serve": """\
Serve credentials to programs on this machine, or behind ssh

  fedgate serve production.UpdateApp      then paste the two lines elsewhere

A container credentials endpoint on 127.0.0.1, for programs that know no
profiles, and open only to who has the token (your own in FEDGATE_SERVE_TOKEN,
else a new one each time). AWS tools ask it only when they find no profile and
no keys. Ctrl-C stops it.

On another machine, as long as ssh is connected:
  fedgate serve production.UpdateApp --port 9911
  ssh -R 9911:127.0.0.1:9911 build.example.com

In a container, with the token in a file:
  fedgate serve production.UpdateApp --port 9911 --token-file ~/app.token
  docker run --network host -u "$(id -u)" -v ~/app.token:/token:ro \\
    -e AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=/token \\
    -e AWS_CONTAINER_CREDENTIALS_FULL_URI=\\
http://127.0.0.1:9911/role/production.UpdateApp ...
""",
        "mfa": """\
Type the code that a role wants to see

  fedgate mfa production.Deploy

Asks for a code of the role's MFA device, and keeps the credentials that it
brings: until they end, AWS tools get them without a code. A code that comes
through a pipe is read from its first line.
""",
        "configure": """\
Choose the gateway, or lead AWS tools to it

  fedgate configure --gateway https://aws.example.com
  fedgate configure --native          then: aws sso login --profile NAME

Asks the gateway whether it is one, and remembers it. --ca-bundle and --login
are remembered too; an empty value of --ca-bundle ('') takes it back.

With --native, AWS tools reach the gateway by themselves (AWS CLI 2.13 and
newer, boto3, the JavaScript SDK) and need no fedgate: it writes their
sso-session and a profile for each role into a block of its own in
~/.aws/config. Where `profiles sync` has the names already, these begin with
sso-.
""",
        "profiles": """\
Write your roles to ~/.aws/config
""",
        "sync": """\
Make ~/.aws/config match your roles

  fedgate profiles sync --dry-run
  fedgate profiles sync --template '{account_id}.{role}' --region eu-west-1

Writes one profile for each role into a block between two marker lines, and
leaves the rest of the file as it is. The file as it was before is kept beside
it, with the ending .before-fedgate. Profiles of roles that you have lost go,
those of roles that do not work today stay.

Names are those that the gateway proposes, or made by --template from {account}
{account_id} {role} {label} {partition} {region}. --template, --prefix,
--region and --no-prune are remembered in the first line of the block; an empty
value ('') takes one back.
""",
        "console": """\
Open the AWS console as one of your roles

  fedgate console production.UpdateApp
  fedgate console production.UpdateApp -s s3 -r eu-west-1
  fedgate console 999999999999/UpdateApp \\
    --destination https://console.aws.amazon.com/s3/home

Opens a link of the gateway, which signs the browser in at AWS. Without ROLE it
is the profile that AWS_PROFILE names. -u prints the link: it lets nobody in
who is not signed in, so it can be passed on.

For several consoles at once, AWS's own multi-session support is enough in most
browsers. Otherwise --container NAME opens a container of Firefox (it needs the
extension "Granted Containers", or with --container-extension open-url "Open
external links in a container"), and --browser-profile NAME a profile of
Chrome, Chromium, Edge, Brave or Vivaldi. `auto` is one of its own for each
role; the first time, it passes through your company's sign-in.
""",
        "doctor": """\
Find what keeps AWS tools from getting credentials

Looks at fedgate's files, ~/.aws/config and ~/.aws/credentials, this shell's
variables, the programs in play, the way to the gateway and the sign-in. Says
of each thing what is wrong, why it matters and what to run; changes nothing,
and prints no secret.

Exit code 0 when nothing is wrong, 2 when something is. With --json a list of
findings: check, level (ok, careful, wrong), subject, sentence, run.
""",
        "completion": """\
Print a script with which your shell completes fedgate's commands

  bash   echo 'eval "$(fedgate completion bash)"' >> ~/.bashrc
  zsh    fedgate completion zsh > "${fpath[1]}/_fedgate"
         (or, in ~/.zshrc after compinit:  source <(fedgate completion zsh))
  fish   fedgate completion fish > ~/.config/fish/completions/fedgate.fish

It works for `fedgate` and for `./fedgate.pyz`. Names of profiles are read from
fedgate's own list at each TAB, without starting fedgate. Print it again after
an update.
""",
        "version": """\
Print the version
""",
    }
)

"""`fedgate` at the prompt: signs a terminal in at the gateway and hands AWS credentials to AWS tools.

Owns the files that it keeps on a person's machine, and its marker blocks in `~/.aws/config`.
Decides nothing: what a person may become is the gateway's answer. Leaves the house as a zipapp that runs under
`python3 -I -S` of 3.9 and newer, so: standard library only, relative imports only, nothing of ours.

    __main__              finds the command; `credential-process` takes the short way
      hand_over           one line of JSON for AWS tools: cached, or fetched once for all who wait
      deadline            how long AWS tools may have to wait for it
      commands            every other command; commands_* and arguments say how each is typed
        login, logout, status, roles, console, configure, mfa, version
        profiles/           `profiles sync`, `configure --native`: the files in ~/.aws
          aws_config          our marker blocks, of both commands
          aws_sections        what such a file holds, read as botocore reads it
          shared_file         how it is replaced, since it is not ours
          aws_lines           the exact lines for each way; the gateway's page shows the same
        running/            `exec`, `env`, `serve`: programs as a role
          role_choice         which role; its credentials come through `hand_over`, like those of AWS tools
          child_environment   what a program finds, and what must not be there beside it
          child, container_server   where fedgate stays beside the program, and answers it
        doctor/             what keeps AWS tools from getting credentials: a file for each place to look at
        completion/         scripts for shells, made of the parser itself

    gateway               the gateway's API with this terminal's sign-in; renews it when it is spent
      sign_in             the tokens of this terminal          state/fedgate/<gateway>/sign-in
      oauth               metadata, code exchange, renewal, revocation (RFC 8414, 6749, 7636, 7009, 9207)
      wire                one HTTP exchange with limits: size, time, origin, TLS
    cached                credentials at rest                  cache/fedgate/<gateway>/<role>.credentials
    profile_map           which profile means which role       config/fedgate/profiles
    configuration         which gateway, which private CA      config/fedgate/config.json
    launcher              what AWS tools start: prints what is cached and fresh, else becomes Python (own_path)
    private_files, locks  0600 in 0700, atomic, never through a link; kernel locks that die with their holder
      on_posix, on_windows        what the systems do in their own ways; exec, serve and doctor are not on Windows

The short way must start in a few hundredths of a second, because AWS tools run it again and again. What it
imports therefore avoids `typing`, `dataclasses`, `re`, `json` and `pathlib`; its records are plain slotted classes,
and its files are lines with tabs.
"""

@rem What the scripts of package.json call exec: other shells have it, and the one that npm takes on Windows looks here.
@%*

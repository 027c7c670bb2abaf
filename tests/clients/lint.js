// Prints what Redocly's linter finds in a description of an API, one line each; the exit code is 1
// if it finds anything.
import { lint, loadConfig } from "@redocly/openapi-core";

const [description] = process.argv.slice(2);
const config = await loadConfig({ configPath: new URL("redocly.yaml", import.meta.url).pathname });
const found = await lint({ ref: description, config });
for (const each of found) {
  console.log(`${each.severity} ${each.ruleId} ${each.location[0].pointer}: ${each.message}`);
}
process.exitCode = found.length > 0 ? 1 : 0;

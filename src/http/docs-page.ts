/** The page that shows the description of the API: what is our own of it. */

export const DOCS_PAGE: string = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>Holdfast: API</title>
    <link rel="stylesheet" href="/docs/swagger-ui.css">
    <link rel="icon" type="image/png" href="/docs/favicon-32x32.png" sizes="32x32">
  </head>
  <body>
    <div id="swagger-ui"></div>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`;

/**
 * Starts the viewer. Where reading needs a token the description does too, so the page asks for one; it is kept in the
 * page only, and is used for the requests that are tried out as well.
 */
export const DOCS_SCRIPT: string = `'use strict';

async function start() {
  let token;
  let answer = await fetch('/openapi.json');
  while (answer.status === 401 || answer.status === 403) {
    token = window.prompt('A token with the scope inventory:read is needed here');
    if (token === null || token === '') break;
    answer = await fetch('/openapi.json', { headers: { Authorization: 'Bearer ' + token.trim() } });
  }
  if (!answer.ok) {
    document.getElementById('swagger-ui').textContent = 'The description cannot be had: ' + answer.status;
    return;
  }
  const ui = SwaggerUIBundle({
    spec: await answer.json(),
    dom_id: '#swagger-ui',
    deepLinking: true,
    docExpansion: 'list',
    defaultModelsExpandDepth: 0,
    filter: true,
    validatorUrl: null,
    presets: [SwaggerUIBundle.presets.apis],
    onComplete() {
      if (token) ui.preauthorizeApiKey('token', token.trim());
    },
  });
}

void start();
`;

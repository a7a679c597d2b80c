// Shows /openapi.json. No validator of somebody else's is asked, and nothing is kept in the browser.
SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#api",
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
});

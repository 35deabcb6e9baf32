window.ui = SwaggerUIBundle({
  url: "/v1/openapi.json",
  dom_id: "#api",
  deepLinking: true,
  docExpansion: "none",
  defaultModelsExpandDepth: 0,
  // The document names the public address; on this page try the server that shows it.
  onComplete: () => window.ui.specActions.updateJsonSpec(
    Object.assign({}, window.ui.specSelectors.specJson().toJS(), { servers: [{ url: "/v1" }] })
  ),
});

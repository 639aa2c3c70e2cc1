// The operations of the API, to read and to try. The token that is typed stays in this tab.
const operations = document.getElementById("operations");

SwaggerUIBundle({
  url: operations.dataset.description,
  dom_id: "#operations",
  deepLinking: true,
  docExpansion: "none",
  validatorUrl: null,
});

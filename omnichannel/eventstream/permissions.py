"""Who may see and change the event stream: the Tools permission (PRODUCT §11, CONTRACT §5)."""

VIEW_TOOLS = "web.view_tools"

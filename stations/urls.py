from django.urls import path

from stations.views import transfers

urlpatterns = [
    path("f/<str:secret>", transfers.send_file, name="firmware_file"),
    path("u/<str:secret>", transfers.take_file, name="log_upload"),
    path("u/<str:secret>/", transfers.take_file, name="log_upload_folder"),
    path("u/<str:secret>/<path:name>", transfers.take_file, name="log_upload_named"),
]

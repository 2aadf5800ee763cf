"""Models that only teach: functions, ONNX models, fitted models without rows."""
